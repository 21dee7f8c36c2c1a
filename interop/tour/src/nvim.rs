//! The part of Neovim's API that is called here. Its values have any type, so arguments and results are `rmix::Value`.

use rmix::Value;

/// Neovim, as `:help api` describes it.
#[rmix::remote]
pub trait Nvim {
    /// Evaluates an expression.
    #[rmix(name = "nvim_eval")]
    async fn eval(&self, expression: String) -> Result<Value, Value>;

    /// Runs Lua with arguments, and returns what it returns.
    #[rmix(name = "nvim_exec_lua")]
    async fn exec_lua(&self, source: String, arguments: Vec<Value>) -> Result<Value, Value>;

    /// Runs an editor command.
    #[rmix(name = "nvim_command", oneway)]
    async fn command(&self, command: String);
}
