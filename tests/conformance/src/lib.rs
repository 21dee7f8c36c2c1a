//! What every provider must promise, as a test suite generic over a fixture.
