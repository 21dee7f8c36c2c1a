// The readings the contract's server knows.
'use strict';

module.exports = {
  Oslo: {
    place: 'Oslo', celsius: -3.5, at: '2024-01-31T12:30:00Z', tags: ['coast', 'capital'],
    quality: 'good', note: 'cold',
  },
  // The same moment as 2024-02-29T23:59:59Z.
  Bergen: {
    place: 'Bergen', celsius: 6.25, at: '2024-03-01T00:59:59+01:00', tags: ['rain'],
    quality: 'bad', note: null, comment: 'wet',
  },
  Voss: {
    place: 'Voss', celsius: -0.5, at: '1999-12-31T23:59:59Z', tags: [], quality: 'unknown', note: '',
    comment: '',
  },
};
