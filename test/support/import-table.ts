/** Which packages of ours each may import: the table of ARCHITECTURE.md, which a test compares with this one. */
export const mayImport: Readonly<Record<string, readonly string[] | "all">> = {
  core: [],
  http: ["core"],
  ws: ["core"],
  sockets: ["core"],
  ssh: ["core"],
  routing: ["core"],
  qos: ["core"],
  p2p: ["core", "ws", "sockets", "routing", "qos"],
  client: ["core", "ws"],
  server: ["core", "ws"],
  protocols: ["core", "http", "ws", "sockets"],
  sync: ["core", "http"],
  agents: ["core", "http", "p2p", "sync", "protocols", "client", "web"],
  web: [],
  "apps/demo": "all",
};

/** True if a package may import another one, or itself by its name, as tests and examples do. */
export function isAllowed(importer: string, imported: string): boolean {
  const allowed = mayImport[importer] ?? [];
  return importer === imported || allowed === "all" || allowed.includes(imported);
}

/** The same table as the document has it: rows of `name`, what it is, what it may import. */
export function parseImportTable(markdown: string): Record<string, readonly string[] | "all"> {
  const start = markdown.search(/^\| package +\| is +\| may import +\|$/m);
  if (start === -1) throw new Error('ARCHITECTURE.md has no table "package | is | may import"');
  const [table = ""] = markdown.slice(start).split("\n\n", 1);
  const rows = [...table.matchAll(/^\| `(?<name>[^`]+)` +\|.*\| (?<cell>[^|]+?) +\|$/gm)];
  return Object.fromEntries(
    rows.map(({ groups }) => [groups?.name ?? "", parseCell(groups?.cell ?? "")]),
  );
}

function parseCell(cell: string): readonly string[] | "all" {
  if (cell === "all") return "all";
  return cell.startsWith("nothing of ours") ? [] : cell.split(", ");
}
