// rpc_client.js: calls the service of style rpc and use literal by the package soap.
//
//     node rpc_client.js WSDL ENDPOINT 1.1|1.2 USER [CASE...]
//
// Of rpc messages the package takes every structure for qualified: the colon says that it is not,
// but not of an array. It leaves numbers of a structure as they are written.
'use strict';

const soap = require('soap');

const point = (x, y) => ({ ':x': x, ':y': y });

async function main([wsdl, endpoint, version, , ...names]) {
  const options = { forceSoap12Headers: version === '1.2', preserveWhitespace: true };
  const client = await soap.createClientAsync(wsdl.replace(/^file:\/\//, ''), options, endpoint);
  const call = async (operation, argument) => (await client[`${operation}Async`](argument))[0];
  const cases = {
    'distance': async () => {
      return (await call('distance', { from: point(1, 2), to: point(4, 6) })).return;
    },
    'midpoint': async () => {
      const answer = await call('midpoint', { from: point(1, -5), to: point(2, 1) });
      const { x, y } = answer.return;
      return `${Number(x)} ${Number(y)}`;
    },
    'join-none': async () => {
      const answer = await call('join', { words: {}, separator: ', ' });
      return `[${answer.return || ''}]`;
    },
    'divide': async () => {
      const { quotient, remainder } = await call('divide', { dividend: 17, divisor: 5 });
      return `${quotient} ${remainder}`;
    },
  };
  for (const name of names.length > 0 ? names : Object.keys(cases)) {
    try {
      console.log(`${name} ${await cases[name]()}`);
    } catch (error) {
      console.error(`${name}: ${error.message}`);
      process.exitCode = 1;
    }
  }
}

main(process.argv.slice(2));
