// contract_server.js: the contract by SOAP 1.1 with the package soap, at /contract of a free port of
// 127.0.0.1. Says READY and the port; ends when standard input ends.
//
// The package knows each operation's wrapper, and takes what stands in it as one object.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const path = require('path');
const soap = require('soap');

const readings = require('./readings.js');

const CONTRACT = 'urn:rmix:contract';
const TYPES = 'urn:rmix:contract:types';

const calls = new Map();
const texts = [];

function many(value) {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

// The package writes Infinity, and reads INF as not a number.
function words(value) {
  return { Infinity: 'INF', '-Infinity': '-INF' }[String(value)] || String(value);
}

// The package writes every element of an answer as that of the wrapper: those of types are qualified
// by hand, with the prefix the WSDL has for them.
function qualified(fields) {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [`t:${name}`, value]));
}

function levels(node) {
  return 1 + Math.max(0, ...many(node.children).map(levels));
}

function decimal(cents) {
  return (cents / 100).toFixed(2);
}

const operations = {
  echo: ({ text }) => ({ return: text || '' }),
  add: ({ a, b }) => ({ return: a + b }),
  stats: (request) => {
    const values = many(request && request.values);
    const sum = values.reduce((one, other) => one + other, 0);
    const none = values.length === 0 ? [NaN] : values;
    return {
      return: qualified({
        count: values.length,
        mean: words(sum / values.length),
        min: words(Math.min(...none)),
        max: words(Math.max(...none)),
      }),
    };
  },
  reading: ({ place }) => {
    if (readings[place]) return { return: qualified(readings[place]) };
    const element = ($value) => ({ attributes: { xmlns: TYPES }, $value });
    const known = Object.keys(readings).sort().map(element);
    const detail = {
      NoSuchPlace: { attributes: { xmlns: CONTRACT }, place: element(place), known },
    };
    throw {
      Fault: { faultcode: 'soap:Server', faultstring: `no such place: ${place}`, detail },
    };
  },
  revise: ({ reading }) => ({
    return: qualified({
      ...reading,
      celsius: reading.celsius + 0.5,
      at: new Date(reading.at).toISOString(),
      tags: many(reading.tags).reverse(),
    }),
  }),
  tree: ({ node }) => ({ return: levels(node) }),
  blob: ({ data }) => {
    const bytes = Buffer.from(data || '', 'base64');
    const sha256 = crypto.createHash('sha256').update(bytes).digest('hex');
    return { return: qualified({ size: bytes.length, sha256 }) };
  },
  area: ({ shape }) => {
    if (shape.radius !== undefined) return { return: Math.PI * shape.radius * shape.radius };
    if (shape.side !== undefined) return { return: shape.side * shape.side };
    return { return: 0 };
  },
  pay: ({ amount, on }) => {
    const day = new Date(on).getUTCDate();
    return { return: decimal(Math.round(amount * 100) + day) };
  },
  label: ({ item }) => {
    const { id, lang } = item.attributes;
    const attributes = { id: Number(id) + 1 };
    if (lang !== undefined) attributes.lang = lang;
    const upper = item.$value.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
    return { return: { attributes, $value: upper } };
  },
  running: ({ numbers }) => {
    let sum = 0;
    const given = (numbers || '').split(/\s+/).filter((word) => word);
    return { return: given.map((word) => (sum += Number(word))).join(' ') };
  },
  settle: ({ payment }) => {
    if (payment.card) {
      return { return: qualified({ approval: `A-${payment.card.number.slice(-4)}` }) };
    }
    const change = Math.round(payment.cash.tendered * 100) - Math.round(payment.amount * 100);
    return { return: qualified({ change: decimal(change) }) };
  },
  whoami: (request, callback, headers) => {
    const token = headers && headers.SessionToken;
    if (!token) {
      throw { Fault: { faultcode: 'soap:Client', faultstring: 'the header SessionToken is missing' } };
    }
    const caller = `${token.user}#${token.id}`;
    calls.set(caller, (calls.get(caller) || 0) + 1);
    return { return: caller };
  },
  notify: ({ text }) => {
    texts.push(text);
  },
  // What was notified before is there: operations run one after the other.
  notified: ({ prefix }) => ({ return: texts.filter((text) => text.startsWith(prefix)) }),
  swap: ({ a, b }) => ({ a: b, b: a }),
};

const folder = path.join(__dirname, '..');
const server = http.createServer((request, response) => {
  response.statusCode = 404;
  response.end();
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const file = path.join(folder, 'contract.wsdl');
  const wsdl = fs.readFileSync(file, 'utf8')
    .replace('http://127.0.0.1/contract"', `http://127.0.0.1:${port}/contract"`);
  const services = { ContractService: { ContractPort: operations } };
  const options = {
    path: '/contract', services, xml: wsdl, uri: file, preserveWhitespace: true,
    // The package's emptyBody is an envelope with an empty body: without it there is none.
    oneWay: { responseCode: 202 },
    // Until it has read the WSDL it does not listen at the path.
    callback: () => console.log(`READY ${port}`),
  };
  const service = soap.listen(server, options);
  service.addSoapHeader((operation, request, headers) => {
    const token = headers && headers.SessionToken;
    if (operation !== 'whoami' || !token) return '';
    // It asks for the header first, and then runs the operation.
    const count = (calls.get(`${token.user}#${token.id}`) || 0) + 1;
    return `<c:Served xmlns:c="${CONTRACT}" xmlns:t="${TYPES}"><t:count>${count}</t:count></c:Served>`;
  });
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
