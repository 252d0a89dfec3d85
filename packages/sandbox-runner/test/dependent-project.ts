export const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
/** Of a project that depends on a folder of its own: no registry need be asked. */
export const MANIFEST = { name: 'root', version: '1.0.0', dependencies: { dep: 'file:dep' } };

/** All of that project, with its lockfile. */
export const FILES = {
  'package.json': json({ ...MANIFEST, scripts: { postinstall: 'touch executed-by-install' } }),
  'dep/package.json': json({ name: 'dep', version: '1.0.0', main: 'index.js' }),
  'dep/index.js': 'module.exports = "from dep";\n',
  'package-lock.json': json({
    name: 'root',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': MANIFEST,
      dep: { version: '1.0.0' },
      'node_modules/dep': { resolved: 'dep', link: true },
    },
  }),
};
