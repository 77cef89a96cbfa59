// SPDX-License-Identifier: Apache-2.0
//
// Classifies many flowers in one call of the Open Inference Protocol and prints the class of each.

'use strict';

const {readFileSync} = require('node:fs');
const {parseArgs} = require('node:util');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const {values: options} = parseArgs({
  options: {
    target: {type: 'string', default: 'localhost:50052'},
    protos: {type: 'string', default: 'protos'},  // the folder of `iris-predictor print proto --out`
    'tls-ca': {type: 'string'},                   // speak TLS; the authority of the server's certificate (PEM)
  },
});
const settings = {includeDirs: [options.protos], keepCase: true, defaults: true};
const types = loader.loadSync('inference/inference.proto', settings);
const {inference} = grpc.loadPackageDefinition(types);
const credentials = options['tls-ca'] ? grpc.credentials.createSsl(readFileSync(options['tls-ca'])) :
                                        grpc.credentials.createInsecure();

const flowers = [[6.8, 2.8, 4.8, 1.4], [6.0, 3.4, 4.5, 1.6], [5.0, 3.6, 1.3, 0.25]];
const contents = {fp64_contents: flowers.flat()};
const inputs = [{name: 'input-0', datatype: 'FP64', shape: [flowers.length, 4], contents}];
const request = {model_name: 'iris', inputs, outputs: [{name: 'class'}]};

const client = new inference.GRPCInferenceService(options.target, credentials);
client.ModelInfer(request, {deadline: Date.now() + 5000}, (error, reply) => {
  if (error) throw error;
  for (const name of reply.outputs[0].contents.bytes_contents) console.log(name.toString());
  client.close();
});
