//! Where a value stands in the JSON: `arguments[0].where.name`.

use std::fmt;

/// A place in a JSON value, as a chain towards its root.
pub(crate) struct At<'a> {
    around: Option<&'a At<'a>>,
    step: Step<'a>,
}

enum Step<'a> {
    Root(&'a str),
    Member(&'a str),
    Element(usize),
    /// A step of the types that JSON does not show.
    Inside,
}

impl<'a> At<'a> {
    /// The whole value, under a name for people.
    pub(crate) fn root(name: &'a str) -> At<'a> {
        At {
            around: None,
            step: Step::Root(name),
        }
    }

    /// A member of the object here.
    pub(crate) fn member(&'a self, name: &'a str) -> At<'a> {
        At {
            around: Some(self),
            step: Step::Member(name),
        }
    }

    /// An element of the list here.
    pub(crate) fn element(&'a self, index: usize) -> At<'a> {
        At {
            around: Some(self),
            step: Step::Element(index),
        }
    }

    /// What an optional value holds, which stands in its place.
    pub(crate) fn inside(&'a self) -> At<'a> {
        At {
            around: Some(self),
            step: Step::Inside,
        }
    }

    /// What is around, for people; nothing is around a root.
    pub(crate) fn around_text(&self) -> String {
        self.around.map(ToString::to_string).unwrap_or_default()
    }

    /// How many steps lead here.
    pub(crate) fn depth(&self) -> usize {
        std::iter::successors(Some(self), |at| at.around).count()
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(around) = self.around {
            around.fmt(f)?;
        }
        match self.step {
            Step::Root(name) => f.write_str(name),
            Step::Member(name) => write!(f, ".{name}"),
            Step::Element(index) => write!(f, "[{index}]"),
            Step::Inside => Ok(()),
        }
    }
}
