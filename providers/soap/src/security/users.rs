//! Users and their passwords, of a file that was read: a line `name:password` for each. Digests need the password itself, so
//! the file is to be readable by the service alone.

use std::collections::BTreeMap;
use std::fmt;

/// A password: shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// The password that the first line of a file is.
    pub(crate) fn of_file(text: &str) -> Secret {
        Secret(text.lines().next().unwrap_or_default().to_owned())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Users by their names.
#[derive(Debug, Default)]
pub(crate) struct Users(BTreeMap<String, Secret>);

/// Why a file of users is none: the line, and what is wrong with it. Says nothing of what stands there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UsersError {
    pub(crate) line: usize,
    pub(crate) why: &'static str,
}

/// Bytes of a file of users.
pub(crate) const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

impl Users {
    /// Reads the file's text. Empty lines and those that begin with `#` are passed over.
    ///
    /// # Errors
    /// A line is not `name:password`, or a name is there twice.
    pub(crate) fn parse(text: &str) -> Result<Users, UsersError> {
        let mut users = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let wrong = |why| UsersError {
                line: index + 1,
                why,
            };
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, password) = line
                .split_once(':')
                .ok_or_else(|| wrong("a name, a colon and a password are expected"))?;
            if name.is_empty() || password.is_empty() {
                return Err(wrong("the name or the password is empty"));
            }
            if users
                .insert(name.to_owned(), Secret(password.to_owned()))
                .is_some()
            {
                return Err(wrong("the name is there already"));
            }
        }
        if users.is_empty() {
            return Err(UsersError {
                line: 0,
                why: "there is no user",
            });
        }
        Ok(Users(users))
    }

    pub(crate) fn password(&self, name: &str) -> Option<&Secret> {
        self.0.get(name)
    }
}

impl fmt::Display for UsersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}
