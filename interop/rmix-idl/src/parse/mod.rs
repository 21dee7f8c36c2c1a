//! The grammar: tokens to definitions. Looks no name up and computes no value.

pub(crate) mod ast;
mod declaration;
mod definition;
mod hoist;
mod parser;
mod program;

use crate::error::IdlError;
use crate::lex::Token;
use crate::limits::Limits;

/// Definitions in the order they are written; bodies within others come before them, under names of their own.
pub(crate) fn parse(tokens: &[Token], limits: &Limits) -> Result<Vec<ast::Item>, IdlError> {
    let Some((end, tokens)) = tokens.split_last() else {
        return Ok(Vec::new());
    };
    let items = parser::Parser::new(tokens, end, limits).items()?;
    Ok(hoist::hoist(items))
}
