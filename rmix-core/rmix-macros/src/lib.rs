//! The attribute rmix::remote and the derive rmix::Data.
