// SPDX-License-Identifier: Apache-2.0
//
// An independent client: @grpc/grpc-js with @grpc/proto-loader. Reads a job from standard input and prints a list of
// answers, one for each request, in order: {reply}, or {code, message, violations, status}.
// The job: {address, proto, ca, cert, key, calls: [{method: "package.Service/Method", requests: [...]}]}; files as
// paths, no "ca": plaintext. The requests of a unary method are made all at once, those of a stream sent on one call.

'use strict';

const fs = require('fs');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const job = JSON.parse(fs.readFileSync(0, 'utf8'));
const types = loader.loadSync(
    ['iris.proto', 'inference/inference.proto', 'iris/v1/prediction.proto', 'google/rpc/status.proto',
     'google/rpc/error_details.proto'],
    {includeDirs: [job.proto], keepCase: true, longs: Number, enums: String, bytes: String});

const read = (path) => path ? fs.readFileSync(path) : null;
const credentials = job.ca ? grpc.credentials.createSsl(read(job.ca), read(job.key), read(job.cert))
                           : grpc.credentials.createInsecure();

// What is wrong with which field, from a serialised google.rpc.Status.
function violations(status) {
  return (status.details || []).flatMap((detail) => {
    const name = detail.type_url.replace('type.googleapis.com/', '');
    return types[name].deserialize(Buffer.from(detail.value, 'base64')).field_violations;
  });
}

function describe(error) {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  const status = bytes && types['google.rpc.Status'].deserialize(bytes);
  return {code: grpc.status[error.code], message: error.details, violations: status ? violations(status) : [], status};
}

function unary(client, method, request) {
  const deadline = Date.now() + 20000;
  return new Promise((resolve) => client[method](
      request, {deadline}, (error, reply) => resolve(error ? describe(error) : {reply})));
}

function stream(client, method, requests) {
  return new Promise((resolve) => {
    const answers = [];
    const call = client[method]({deadline: Date.now() + 20000});
    call.on('data', (reply) => answers.push(reply.error ? {reply, violations: violations(reply.error)} : {reply}));
    call.on('error', (error) => resolve([...answers, describe(error)]));
    call.on('end', () => resolve(answers));
    for (const request of requests) call.write(request);
    call.end();
  });
}

async function perform({method, requests}) {
  const [service, name] = method.split('/');
  const client = new (grpc.makeGenericClientConstructor(types[service], service))(job.address, credentials);
  const answers = types[service][name].requestStream
      ? await stream(client, name, requests)
      : await Promise.all(requests.map((request) => unary(client, name, request)));
  client.close();
  return answers;
}

(async () => {
  const answers = [];
  for (const call of job.calls) answers.push(await perform(call));
  process.stdout.write(JSON.stringify(answers));
})();
