/** What each of our files imports, as vite's parser reads it: types too, since a type is knowledge as well. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join, posix } from "node:path";
import { parseSync } from "vite";

export interface Import {
  from: string;
  /** From the top of the repository; undefined where it is a package. */
  to: string | undefined;
  specifier: string;
  typeOnly: boolean;
}

const skipped = new Set(["node_modules", "dist", "migrations"]);

export function sourceFiles(root: string, folder: string): string[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path).flatMap((name) => {
    if (skipped.has(name)) return [];
    const inner = posix.join(folder, name);
    if (statSync(join(root, inner)).isDirectory()) return sourceFiles(root, inner);
    return [".ts", ".tsx", ".mjs"].includes(extname(name)) ? [inner] : [];
  });
}

function resolveOurs(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return posix.normalize(posix.join(dirname(from), specifier.replace(/\?.*$/, "")));
  if (/^#(core|db|media-nodes)\//.test(specifier)) return specifier.slice(1);
  return undefined;
}

/** Every import, export-from and `import()` of a fixed path in one file. */
export function importsOf(root: string, file: string): Import[] {
  const source = readFileSync(join(root, file), "utf8");
  const { module, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} can't be parsed: ${errors[0]?.message}`);
  const found: { specifier: string; typeOnly: boolean }[] = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      specifier: moduleRequest.value,
      typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest ? [{ specifier: moduleRequest.value, typeOnly: isType }] : [],
      ),
    ),
    ...module.dynamicImports.map(({ moduleRequest }) => ({
      specifier: source.slice(moduleRequest.start + 1, moduleRequest.end - 1),
      typeOnly: false,
    })),
  ];
  return found.map(({ specifier, typeOnly }) => ({
    from: file,
    to: resolveOurs(file, specifier),
    specifier,
    typeOnly,
  }));
}
