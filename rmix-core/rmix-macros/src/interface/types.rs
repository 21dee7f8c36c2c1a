//! Types that may travel, as far as their syntax tells, and what an operation gives back. The compiler checks the rest
//! through trait bounds.

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit::{self, Visit};
use syn::{
    GenericArgument, Lifetime, Path, PathArguments, ReturnType, Type, TypeFnPtr, TypeImplTrait,
    TypeInfer, TypePtr, TypeReference,
};

use crate::errors::Errors;

/// What an operation gives back.
pub(super) enum Outcome {
    /// Nothing, not even an error.
    Oneway,
    /// A value; no fault is declared.
    Plain(Type),
    /// The type as written, its value and its declared fault.
    Fallible(Type, Box<Type>, Box<Type>),
}

impl Outcome {
    /// Reads a return type; what is wrong goes to `errors`.
    pub(super) fn read(output: &ReturnType, oneway: bool, errors: &mut Errors) -> Outcome {
        let unit = || Outcome::Plain(syn::parse_quote!(()));
        let ty = match output {
            ReturnType::Default if oneway => return Outcome::Oneway,
            ReturnType::Default => return unit(),
            ReturnType::Type(_, ty) => ty,
        };
        if oneway {
            if !is_unit(ty) {
                errors.at(
                    ty,
                    "a one-way operation returns nothing: no reply and no fault ever comes back",
                );
            }
            return Outcome::Oneway;
        }
        check_owned(ty, "result", errors);
        let Some(arguments) = result_arguments(ty) else {
            return Outcome::Plain((**ty).clone());
        };
        match arguments.as_slice() {
            [value, fault] => Outcome::Fallible(
                (**ty).clone(),
                Box::new(value.clone()),
                Box::new(fault.clone()),
            ),
            _ => {
                errors.at(
                    ty,
                    "the declared fault must be visible here: write `Result<T, E>` with both types, not an alias",
                );
                unit()
            }
        }
    }

    /// The marker type that the façade's functions take.
    pub(super) fn marker(&self) -> TokenStream {
        match self {
            Outcome::Oneway => quote!(::rmix::generated::Plain<()>),
            Outcome::Plain(value) => quote!(::rmix::generated::Plain<#value>),
            Outcome::Fallible(_, value, fault) => {
                quote!(::rmix::generated::Fallible<#value, #fault>)
            }
        }
    }

    /// What the stub's methods return.
    pub(super) fn stub_result(&self) -> TokenStream {
        match self {
            Outcome::Oneway => quote!(::core::result::Result<(), ::rmix::Error>),
            Outcome::Plain(value) => quote!(::core::result::Result<#value, ::rmix::Error>),
            Outcome::Fallible(_, value, fault) => {
                quote!(::core::result::Result<#value, ::rmix::CallError<#fault>>)
            }
        }
    }
}

fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// The type arguments when the type's last name is `Result`.
fn result_arguments(ty: &Type) -> Option<Vec<Type>> {
    let path = match ty {
        Type::Path(path) if path.qself.is_none() => &path.path,
        Type::Paren(inner) => return result_arguments(&inner.elem),
        Type::Group(inner) => return result_arguments(&inner.elem),
        _ => return None,
    };
    let last = path.segments.last().filter(|s| s.ident == "Result")?;
    let PathArguments::AngleBracketed(list) = &last.arguments else {
        return Some(Vec::new());
    };
    let types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    });
    Some(types.collect())
}

/// Reports what cannot be decoded into an owned value of a type known to both sides.
pub(super) fn check_owned(ty: &Type, role: &'static str, errors: &mut Errors) {
    Owned { role, errors }.visit_type(ty);
}

struct Owned<'a> {
    role: &'static str,
    errors: &'a mut Errors,
}

impl<'ast> Visit<'ast> for Owned<'_> {
    fn visit_type_reference(&mut self, ty: &'ast TypeReference) {
        let instead = match &*ty.elem {
            Type::Path(path) if path.path.is_ident("str") => ": write `String`",
            Type::Slice(_) => ": write `Vec<…>`",
            _ => "",
        };
        let message = format!("the {} must be owned, not a reference{instead}", self.role);
        self.errors.at(ty, message);
    }

    fn visit_type_impl_trait(&mut self, ty: &'ast TypeImplTrait) {
        let message = format!("the {} needs a type that both sides know", self.role);
        self.errors.at(ty, message);
    }

    fn visit_type_infer(&mut self, ty: &'ast TypeInfer) {
        let message = format!("the {} needs a type that both sides know", self.role);
        self.errors.at(ty, message);
    }

    fn visit_type_ptr(&mut self, ty: &'ast TypePtr) {
        let message = format!("the {} must be owned, not a pointer", self.role);
        self.errors.at(ty, message);
    }

    fn visit_type_fn_ptr(&mut self, ty: &'ast TypeFnPtr) {
        let message = format!("the {} must be data, not a function", self.role);
        self.errors.at(ty, message);
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        let message = format!("the {} must be owned, without lifetimes", self.role);
        self.errors.at(lifetime, message);
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.segments.first().is_some_and(|s| s.ident == "Self") {
            let message = format!("`Self` cannot be (part of) the {}", self.role);
            self.errors.at(path, message);
            return;
        }
        visit::visit_path(self, path);
    }
}
