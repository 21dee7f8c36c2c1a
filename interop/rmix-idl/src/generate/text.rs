//! Lines of Rust as rustfmt leaves them.

/// Text that grows by lines.
#[derive(Default)]
pub(crate) struct Text {
    pub(crate) text: String,
}

impl Text {
    /// Adds a line.
    pub(crate) fn line(&mut self, line: impl AsRef<str>) {
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }

    /// Adds an empty line, unless this is the beginning.
    pub(crate) fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// Adds an attribute, one argument to a line when they are too long.
    pub(crate) fn attribute(&mut self, indent: usize, name: &str, arguments: &[String]) {
        let spaces = " ".repeat(indent);
        let joined = arguments.join(", ");
        let one = format!("{spaces}#[{name}({joined})]");
        let is_wide = arguments.len() > 1 && joined.len() > ATTRIBUTE_WIDTH;
        if one.len() <= WIDTH && !is_wide {
            self.line(one);
            return;
        }
        self.line(format!("{spaces}#[{name}("));
        let inner = format!("{spaces}    ");
        self.line(format!("{inner}{}", arguments.join(&format!(",\n{inner}"))));
        self.line(format!("{spaces})]"));
    }

    /// Adds a line, broken after `head` when it is too long and that helps.
    pub(crate) fn broken(&mut self, indent: usize, head: &str, tail: &str) {
        let spaces = " ".repeat(indent);
        let fits = indent + head.len() + 1 + tail.len() <= WIDTH;
        if fits || indent + 4 + tail.len() > WIDTH {
            self.line(format!("{spaces}{head} {tail}"));
        } else {
            self.line(format!("{spaces}{head}"));
            self.line(format!("{spaces}    {tail}"));
        }
    }

    /// Adds a variant with its discriminant.
    pub(crate) fn variant(&mut self, name: &str, content: &[String], discriminant: i32) {
        let head = match content {
            [] => format!("{name} ="),
            content => format!("{name}({}) =", content.join(", ")),
        };
        let is_wide = content.len() > 1 && content.join(", ").len() > ARGUMENTS_WIDTH;
        // rustfmt does not count what follows the parenthesis.
        let fits = 4 + head.trim_end_matches(" =").len() <= WIDTH;
        if content.is_empty() || (fits && !is_wide) {
            self.broken(4, &head, &format!("{discriminant},"));
            return;
        }
        self.line(format!("    {name}("));
        for ty in content {
            self.line(format!("        {ty},"));
        }
        self.line(format!("    ) = {discriminant},"));
    }

    /// Adds the method of a trait.
    pub(crate) fn method(&mut self, name: &str, parameters: &[String], returned: &str) {
        let one = format!("    async fn {name}({}){returned};", parameters.join(", "));
        if one.len() <= WIDTH {
            self.line(one);
            return;
        }
        self.line(format!("    async fn {name}("));
        for parameter in parameters {
            self.line(format!("        {parameter},"));
        }
        self.line(format!("    ){returned};"));
    }
}

/// rustfmt's default for several arguments of an attribute.
pub(crate) const ATTRIBUTE_WIDTH: usize = 70;

/// rustfmt's default for several types of a variant.
const ARGUMENTS_WIDTH: usize = 60;

/// rustfmt's default.
pub(crate) const WIDTH: usize = 100;
