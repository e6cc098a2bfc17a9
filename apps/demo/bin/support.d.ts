export function problemWith(version: string, execArgv: readonly string[]): string | undefined;
