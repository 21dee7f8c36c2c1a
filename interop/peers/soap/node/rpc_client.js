// rpc_client.js: calls the service of style rpc and use literal by the package soap.
//
//     node rpc_client.js WSDL ENDPOINT 1.1 USER [CASE...]
'use strict';

const soap = require('soap');

async function main([wsdl, endpoint, , , ...names]) {
  const client = await soap.createClientAsync(wsdl, { preserveWhitespace: true }, endpoint);
  const call = async (operation, argument) => (await client[`${operation}Async`](argument))[0];
  const join = async (...word) => {
    const answer = await call('join', { words: { word }, separator: ', ' });
    return `[${answer.return || ''}]`;
  };
  const cases = {
    'distance': async () => (await call('distance', { from: { x: 1, y: 2 }, to: { x: 4, y: 6 } })).return,
    'midpoint': async () => {
      const answer = await call('midpoint', { from: { x: 1, y: -5 }, to: { x: 2, y: 1 } });
      return `${answer.return.x} ${answer.return.y}`;
    },
    'join': () => join('a', 'b <c>', 'ü'),
    'join-none': () => join(),
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
