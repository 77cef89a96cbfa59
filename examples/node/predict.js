// SPDX-License-Identifier: Apache-2.0
//
// Classifies one flower: `node predict.js 5.0 3.6 1.3 0.25` prints 0, setosa.

'use strict';

const {readFileSync} = require('node:fs');
const {parseArgs} = require('node:util');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const {values: options, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    target: {type: 'string', default: 'localhost:50052'},
    protos: {type: 'string', default: 'protos'},  // the folder of `iris-predictor print proto --out`
    'tls-ca': {type: 'string'},                   // speak TLS; the authority of the server's certificate (PEM)
  },
});
const types = loader.loadSync('iris.proto', {includeDirs: [options.protos], keepCase: true, defaults: true});
const {ml} = grpc.loadPackageDefinition(types);
const credentials = options['tls-ca'] ? grpc.credentials.createSsl(readFileSync(options['tls-ca'])) :
                                        grpc.credentials.createInsecure();

const [sepal_length, sepal_width, petal_length, petal_width] = positionals.map(Number);
const client = new ml.IrisPredictor(options.target, credentials);
const flower = {sepal_length, sepal_width, petal_length, petal_width};
client.PredictIrisSpecies(flower, {deadline: Date.now() + 5000}, (error, reply) => {
  if (error) {
    console.error(`${grpc.status[error.code]}: ${error.details}`);
    process.exitCode = 1;
  } else {
    console.log(reply.species);
  }
  client.close();
});
