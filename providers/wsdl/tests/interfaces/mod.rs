//! Interfaces that together have everything that can be said.

mod shop;
mod styles;

pub(crate) use shop::ShopStub;
pub(crate) use styles::{BareStub, EncodedStub, RpcStub};
