//! Expressions of `#if`: C's operators on 64-bit integers. Names that are left are 0.

use crate::error::IdlError;
use crate::lex::{Token, TokenKind};
use crate::limits::Limits;
use crate::place::Place;

/// The value of an expression whose macros are expanded and whose `defined` is replaced.
pub(super) fn value(tokens: &[Token], place: &Place, limits: &Limits) -> Result<i64, IdlError> {
    let mut expression = Expression {
        tokens,
        place,
        nesting_left: limits.nesting_max,
        nesting_max: limits.nesting_max,
    };
    let value = expression.choice()?;
    match expression.tokens.first() {
        None => Ok(value),
        Some(extra) => Err(expected("the end of the line", extra)),
    }
}

struct Expression<'a> {
    tokens: &'a [Token],
    place: &'a Place,
    nesting_left: usize,
    nesting_max: usize,
}

impl<'a> Expression<'a> {
    /// `a ? b : c`, and whatever binds closer.
    fn choice(&mut self) -> Result<i64, IdlError> {
        self.enter()?;
        let condition = self.binary(0)?;
        let value = if self.take("?") {
            let yes = self.choice()?;
            self.expect(":")?;
            let no = self.choice()?;
            if condition != 0 { yes } else { no }
        } else {
            condition
        };
        self.nesting_left += 1;
        Ok(value)
    }

    fn binary(&mut self, level: usize) -> Result<i64, IdlError> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        while let Some(token) = self.tokens.first() {
            let Some(operator) = operators.iter().find(|mark| token.is_mark(mark)) else {
                break;
            };
            self.bump();
            let right = self.binary(level + 1)?;
            left = apply(operator, left, right, token)?;
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<i64, IdlError> {
        self.enter()?;
        let value = if self.take("!") {
            i64::from(self.unary()? == 0)
        } else if self.take("-") {
            self.unary()?.wrapping_neg()
        } else if self.take("+") {
            self.unary()?
        } else if self.take("~") {
            !self.unary()?
        } else if self.take("(") {
            let value = self.choice()?;
            self.expect(")")?;
            value
        } else {
            self.operand()?
        };
        self.nesting_left += 1;
        Ok(value)
    }

    fn operand(&mut self) -> Result<i64, IdlError> {
        let token = self.bump();
        match token.map(|token| &token.kind) {
            // As C has it: 64 bits, which wrap.
            Some(TokenKind::Number(_, value)) => Ok(*value as i64),
            Some(TokenKind::Character(code)) => Ok(i64::from(*code)),
            Some(TokenKind::Word(_)) => Ok(0),
            _ => match token {
                Some(found) => Err(expected("a number, a name or `(`", found)),
                None => Err(self.ended("a number, a name or `(`")),
            },
        }
    }

    fn bump(&mut self) -> Option<&'a Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn take(&mut self, mark: &str) -> bool {
        let found = self.tokens.first().is_some_and(|token| token.is_mark(mark));
        if found {
            self.bump();
        }
        found
    }

    fn expect(&mut self, mark: &str) -> Result<(), IdlError> {
        if self.take(mark) {
            return Ok(());
        }
        let what = format!("`{mark}`");
        Err(match self.tokens.first() {
            Some(found) => expected(&what, found),
            None => self.ended(&what),
        })
    }

    fn ended(&self, what: &str) -> IdlError {
        IdlError::Expected {
            place: self.place.clone(),
            expected: what.to_owned(),
            found: "the end of the line".to_owned(),
        }
    }

    fn enter(&mut self) -> Result<(), IdlError> {
        match self.nesting_left.checked_sub(1) {
            Some(left) => {
                self.nesting_left = left;
                Ok(())
            }
            None => Err(IdlError::limit(self.place, "nesting_max", self.nesting_max)),
        }
    }
}

fn apply(operator: &str, left: i64, right: i64, token: &Token) -> Result<i64, IdlError> {
    let shift = (right & 63) as u32;
    Ok(match operator {
        "||" => i64::from(left != 0 || right != 0),
        "&&" => i64::from(left != 0 && right != 0),
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "<<" => left.wrapping_shl(shift),
        ">>" => left.wrapping_shr(shift),
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        _ if right == 0 => {
            return Err(IdlError::malformed(&token.place, "division by zero"));
        }
        "/" => left.wrapping_div(right),
        _ => left.wrapping_rem(right),
    })
}

fn expected(what: &str, found: &Token) -> IdlError {
    IdlError::Expected {
        place: found.place.clone(),
        expected: what.to_owned(),
        found: found.kind.to_string(),
    }
}

/// Binary operators, from the loosest to the closest.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<", ">", "<=", ">="],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];
