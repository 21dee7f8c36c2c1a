//! Characters to tokens. Knows comments, names, numbers and quotes; neither directives nor the grammar.

mod cursor;
mod lexer;
mod token;

pub(crate) use lexer::{Lexer, LineStart, Marks};
pub(crate) use token::{Token, TokenKind};
