// contract_client.js: calls the contract by the package soap, case by case.
//
//     node contract_client.js WSDL ENDPOINT 1.1|1.2 USER [CASE...]
//
// Prints one line per case, its name first. A case that fails is told on standard error, the
// others go on, and the exit status is 1.
//
// For SOAP 1.2 the package takes the envelope's namespace only when told to force it. It reads INF as
// not a number, and a decimal as a double: there are no cases with such. Headers are written by
// hand, since it does not know the namespaces of their elements.
'use strict';

const soap = require('soap');

const TYPES = 'urn:rmix:contract:types';

function brackets(text) {
  const shown = (text || '').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t');
  return `[${shown}]`;
}

function many(value) {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function shownReading(reading) {
  const at = new Date(reading.at).toISOString().replace('.000Z', 'Z');
  const note = reading.note === null || reading.note === undefined ? 'nil' : reading.note;
  const comment = reading.comment === undefined ? 'absent' : reading.comment;
  const tags = many(reading.tags).join(',');
  return `${reading.place} ${reading.celsius} ${at} [${tags}] ${reading.quality}`
    + ` note=${note} comment=${comment}`;
}

class Cases {
  constructor(client, user) {
    this.client = client;
    this.user = user;
  }

  async call(operation, argument, headers) {
    this.client.clearSoapHeaders();
    for (const header of headers || []) this.client.addSoapHeader(header);
    const [result, , soapHeader] = await this.client[`${operation}Async`](argument);
    this.header = soapHeader;
    return result;
  }

  async result(operation, argument) {
    return (await this.call(operation, argument)).return;
  }

  async echo(text) {
    return brackets(await this.result('echo', { text }));
  }

  async stats(...values) {
    const stats = await this.result('stats', { values });
    return [stats.count, ...[stats.mean, stats.min, stats.max]].join(' ');
  }

  async reading(place) {
    return shownReading(await this.result('reading', { place }));
  }

  async fault(place) {
    try {
      return await this.reading(place);
    } catch (error) {
      const fault = error.root.Envelope.Body.Fault;
      const unknown = (fault.detail || fault.Detail).NoSuchPlace;
      return `NoSuchPlace ${unknown.place} [${many(unknown.known).join(',')}]`;
    }
  }

  async revise(fields) {
    const reading = {
      place: 'Tromsø', celsius: 21.25, at: '2023-06-01T10:00:00Z', tags: fields.tags,
      quality: 'bad', note: fields.note,
    };
    if ('comment' in fields) reading.comment = fields.comment;
    return shownReading(await this.result('revise', { reading }));
  }

  async tree() {
    const leaf = { name: 'leaf' };
    const branch = { name: 'branch', children: [leaf] };
    const twig = { name: 'twig', children: [branch] };
    return this.result('tree', { node: { name: 'root', children: [leaf, twig] } });
  }

  async blob(bytes) {
    const info = await this.result('blob', { data: bytes.toString('base64') });
    return `${info.size} ${info.sha256.toLowerCase()}`;
  }

  async area(type, fields) {
    const attributes = type === 'Shape' ? {} : { xsi_type: { type, xmlns: TYPES } };
    const shape = { attributes, ...fields };
    return this.result('area', { shape });
  }

  async pay(amount, on) {
    return this.result('pay', { amount, on });
  }

  async label(text, attributes) {
    const item = await this.result('label', { item: { attributes, $value: text } });
    const { id, lang = 'absent' } = item.attributes;
    return `${id} ${lang} ${item.$value}`;
  }

  async running(...numbers) {
    const sums = await this.result('running', { numbers: numbers.join(' ') });
    return `[${(sums || '').split(/\s+/).filter((word) => word).join(',')}]`;
  }

  async settle(payment) {
    const settlement = await this.result('settle', { payment });
    const [[kind, value]] = Object.entries(settlement);
    return `${kind} ${value}`;
  }

  async whoami() {
    const token = '<SessionToken xmlns="urn:rmix:contract">'
      + `<user xmlns="${TYPES}">${this.user}</user><id xmlns="${TYPES}">7</id></SessionToken>`;
    const answer = await this.call('whoami', {}, [token]);
    return `${answer.return} ${this.header.Served.count}`;
  }

  async notify() {
    for (const word of ['one', 'two']) {
      await this.call('notify', { text: `${this.user} ${word}` });
    }
    const texts = await this.result('notified', { prefix: this.user, count: 2 });
    return `[${many(texts).sort().join(',')}]`;
  }

  async swap() {
    const { a, b } = await this.call('swap', { a: 'left', b: 'right' });
    return `${a} ${b}`;
  }

  all() {
    return {
      'echo': () => this.echo('Grüße, 世界 🌍'),
      'echo-markup': () => this.echo('<a href="x">&amp;</a> ]]>'),
      'echo-space': () => this.echo('  two lines\n\tindented  '),
      'echo-empty': () => this.echo(''),
      'add': () => this.result('add', { a: 1, b: 2 }),
      'add-negative': () => this.result('add', { a: -2147483647, b: -1 }),
      'stats': () => this.stats(1, 2, 3.75),
      'stats-nan': () => this.stats(1, NaN),
      'stats-none': () => this.stats(),
      'reading': () => this.reading('Oslo'),
      'reading-nil': () => this.reading('Bergen'),
      'reading-bare': () => this.reading('Voss'),
      'reading-fault': () => this.fault('Atlantis'),
      'revise': () => this.revise({ tags: ['a', 'b c'], note: null, comment: 'windy' }),
      'revise-absent': () => this.revise({ tags: [], note: 'warm' }),
      'revise-empty': () => this.revise({ tags: [], note: '', comment: '' }),
      'tree': () => this.tree(),
      'blob': () => this.blob(Buffer.from(Array.from({ length: 256 }, (_, index) => index))),
      'blob-empty': () => this.blob(Buffer.alloc(0)),
      'area-shape': () => this.area('Shape', { name: 'Shape' }),
      'area-circle': () => this.area('Circle', { name: 'Circle', radius: 2 }),
      'area-square': () => this.area('Square', { name: 'Square', side: 2.5 }),
      'pay': () => this.pay('100.05', '2024-02-29'),
      'label': () => this.label('Title <1>', { id: 7, lang: 'en' }),
      'label-plain': () => this.label('größe', { id: -1 }),
      'running': () => this.running(1, 2, 3),
      'running-none': () => this.running(),
      'settle-card': () => this.settle({ amount: '9.99', card: { number: '49001234' } }),
      'settle-cash': () => this.settle({ amount: '12.50', cash: { tendered: '20.25' } }),
      'whoami': () => this.whoami(),
      'whoami-again': () => this.whoami(),
      'notify': () => this.notify(),
      'swap': () => this.swap(),
    };
  }
}

async function main([wsdl, endpoint, version, user, ...names]) {
  const options = { endpoint, forceSoap12Headers: version === '1.2', preserveWhitespace: true };
  const client = await soap.createClientAsync(wsdl.replace(/^file:\/\//, ''), options, endpoint);
  const cases = new Cases(client, user).all();
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
