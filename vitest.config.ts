import type { TestProjectInlineConfiguration, ViteUserConfig } from "vitest/config";

/** Where the results go as JSON besides the screen: `.ci/run` sums them up. */
const report = process.env.NET_TEST_REPORT;

/** Every `*.test.ts` belongs to exactly one of these; `test/test-files.test.ts` holds them to it. */
export const projects: readonly (TestProjectInlineConfiguration & { extends: true })[] = [
  {
    extends: true,
    test: { name: "packages", include: ["{packages,apps}/*/test/**/*.test.ts"] },
  },
  {
    extends: true,
    test: {
      name: "workspace",
      include: ["test/**/*.test.ts"],
      exclude: ["test/published.test.ts", "test/namespaces/**"],
    },
  },
  {
    extends: true,
    test: {
      // One at a time and after all others: they share the machine's network stack.
      name: "namespaces",
      include: ["test/namespaces/**/*.test.ts"],
      fileParallelism: false,
      sequence: { groupOrder: 1 },
    },
  },
  { extends: true, test: { name: "published", include: ["test/published.test.ts"] } },
];

const config: ViteUserConfig = {
  // Resolve sibling packages to their TypeScript, as tsconfig.json and `pnpm demo` do.
  ssr: { resolve: { conditions: ["@net/source", "module", "node"] } },
  test: {
    projects: [...projects],
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
    coverage: { include: ["packages/*/src/**/*.ts"], reporter: ["text", "html"] },
  },
};

export default config;
