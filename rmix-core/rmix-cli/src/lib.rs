//! The command rmix: list providers, call and measure remote operations.
