//! The attribute `rmix::remote` and the derives `rmix::Data` and `rmix::Union`.
//!
//! All are thin: they parse, check (every user error is reported at once, each at its place) and emit calls into
//! ordinary functions of `::rmix::generated`. Nothing here knows a protocol, a codec or how a call is made; users reach
//! these macros through the `rmix` crate only, which re-exports them.

mod attributes;
mod data;
mod errors;
mod facets;
mod interface;
mod union;

use proc_macro::TokenStream;

/// Makes a trait an interface: the trait keeps its name and is implemented with plain `async fn`s, and beside it appear
/// a stub (`StationStub`), its synchronous and starting forms (`StationBlocking`, `StationStart`), a skeleton
/// (`StationSkeleton`) and a static description.
///
/// On the trait, all optional: `namespace = "urn:…"`, `name = "…"` (the interface's name where it is not the trait's),
/// `sunrpc(program = N, version = N)`, `soap(style = "wrapped" | "bare" | "rpc" | "encoded")`. On a method, in
/// `#[rmix(…)]`: `procedure = N` (1 or more), `idempotent`, `oneway`, `name = "…"`, and `soap(…)` with `action`,
/// `request`, `response` and `result` (names of their elements, each with a `…_namespace`) and `outputs` (the result is a
/// struct whose fields are the outputs). On an argument: `name = "…"` and what `derive(Data)` takes on a field.
///
/// ```text
/// #[rmix::remote(namespace = "urn:example:weather", sunrpc(program = 0x2000_0042, version = 1))]
/// pub trait Station {
///     /// The latest reading of a place.
///     #[rmix(procedure = 1, idempotent)]
///     async fn latest(&self, place: String) -> Result<Reading, StationError>;
///     /// Takes a reading in.
///     #[rmix(oneway)]
///     async fn report(&self, reading: Reading);
/// }
/// ```
///
/// A method that returns `Result<T, E>` declares the fault `E`; it is recognised by its name and its two arguments, so
/// an alias does not do. Arguments and results are owned values that implement `rmix::Data` and serde's traits. A
/// default body is kept for implementors; a stub always calls the remote object.
#[proc_macro_attribute]
pub fn remote(arguments: TokenStream, item: TokenStream) -> TokenStream {
    interface::remote(arguments.into(), item.into())
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

/// Describes a struct or enum (`rmix::Data`), so that every format can carry it; serde's derives carry the value.
///
/// The description follows what serde writes: `rename`, `rename_all`, `rename_all_fields`, `skip`, `transparent`, and
/// `from`/`try_from` with `into` of the same type are honoured. Attributes that change the shape of the value in a way
/// not every format can carry (`tag`, `content`, `untagged`, `flatten`, `with`, `skip_serializing_if`, …) are refused.
/// A struct of one unnamed field is described as that field. Explicit discriminants are allowed on enums without
/// fields and not described: formats use a variant's name or position, as serde does.
///
/// For SOAP, in `#[rmix(…)]`; other protocols pass it over. On a type: `namespace = "uri"` of its XSD type, `qualified`
/// (its fields have that namespace too), `xsi_type` (an enum of one-field variants, the first being the base type and the
/// others derived from it). On a field: `attribute`, `text` (the element's own text), `list` (`xs:list`), `hex`
/// (`xs:hexBinary`), `nillable` (`None` is `xsi:nil`), `wrapped = "item"` (a sequence in one element), `choice` (the
/// variant's element in place of the field's), `header`, `name = "…"` (in XML, where serde's is another), `namespace =
/// "uri"`, `unqualified`. On a variant: `name`, `namespace`.
#[proc_macro_derive(Data, attributes(serde, rmix))]
pub fn data(item: TokenStream) -> TokenStream {
    data::derive(item.into())
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

/// Makes an enum a union, or an enumeration, whose declared discriminants stand on the wire: RFC 4506, 4.3 and 4.15.
/// Implements `rmix::Data` and serde's traits, and `fn discriminant(&self) -> i32`; serde's derives are not wanted beside
/// it. Formats that name variants carry the name, not the discriminant.
///
/// An arm holds nothing or one unnamed value. The last variant may be the default arm, `#[rmix(default)]`: it holds the
/// discriminant, which is none of the others', and perhaps a value. Without it an unknown discriminant is an error.
/// `#[rmix(name = "…")]` on the type or a variant gives the name on the wire. Rust wants `#[repr(i32)]` where a variant
/// has both fields and a discriminant.
///
/// ```text
/// #[derive(Debug, Clone, PartialEq, rmix::Union)]
/// #[repr(i32)]
/// enum Lookup {
///     Found(Attributes) = 0,
///     NoEntry = 2,
///     #[rmix(default)]
///     Failed(i32),
/// }
/// ```
#[proc_macro_derive(Union, attributes(rmix))]
pub fn union(item: TokenStream) -> TokenStream {
    union::derive(item.into())
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}
