// SPDX-License-Identifier: Apache-2.0
//
// Holds Kubernetes objects against the published API, as the package kubernetes-models has it: its schemas say whether
// values are right, its types, given to the TypeScript compiler, whether a field is unknown, which no schema of theirs does.
// Reads [{group, kind, object}] from standard input, such as {group: "apps/v1", kind: "Deployment"}; prints a list of what
// is wrong, as texts.

'use strict';

const fs = require('fs');
const path = require('path');
const {pathToFileURL} = require('url');
const ts = require('typescript');

const modules = process.env.NODE_PATH;
const jobs = JSON.parse(fs.readFileSync(0, 'utf8'));

const schemaErrors = async ({group, kind, object}) => {
  const file = path.join(modules, 'kubernetes-models', group, `${kind}.js`);
  const model = new (await import(pathToFileURL(file)))[kind](object);
  try {
    model.validate();
    return [];
  } catch (error) {
    return [`${kind}: ${error.message}`];
  }
};

const typeErrors = () => {
  const text = jobs.map(({group, kind, object}, i) =>
      `import type {I${kind} as T${i}} from ${JSON.stringify(path.join(modules, 'kubernetes-models', group, `${kind}.js`))};\n` +
      `export const object${i}: T${i} = ${JSON.stringify(object, null, 1)};\n`).join('');
  const file = path.join(modules, '..', 'in-memory-only.ts');
  const options = {strict: true, noEmit: true, skipLibCheck: true, types: [], target: ts.ScriptTarget.ES2022,
                   module: ts.ModuleKind.ES2022, moduleResolution: ts.ModuleResolutionKind.Bundler};
  const host = ts.createCompilerHost(options);
  const {fileExists, readFile, getSourceFile} = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => name === file ? text : readFile(name);
  host.getSourceFile = (name, ...rest) =>
      name === file ? ts.createSourceFile(name, text, options.target) : getSourceFile(name, ...rest);
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program).map((one) => ts.flattenDiagnosticMessageText(one.messageText, '; '));
};

Promise.all(jobs.map(schemaErrors)).then((found) => console.log(JSON.stringify([...found.flat(), ...typeErrors()])));
