//! Whole-program tests: facade, shared objects, loopback, processes, kill -9.
