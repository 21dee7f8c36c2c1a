//! Interface files in and out: what is read, what is refused and where, and that what is generated compiles and travels
//! as C has it; and the same for WSDL and XML Schema.

mod canonical;
mod described;
mod dynamic;
mod export;
mod generating;
mod hostile;
mod interfaces;
mod limits;
mod reading;
mod system;
mod wire;
mod wsdl;
