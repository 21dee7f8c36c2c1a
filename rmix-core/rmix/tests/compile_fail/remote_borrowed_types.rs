//! Arguments and results are owned values of types that both sides know.

#[rmix::remote]
trait Station {
    async fn text(&self, place: &str);
    async fn slice(&self, octets: &[u8], more: Vec<&'static str>);
    async fn cow(&self, place: std::borrow::Cow<'static, str>);
    async fn any(&self, place: impl Into<String>);
    async fn own(&self, other: Option<Self>);
    async fn pointer(&self, to: *const u8);
    async fn function(&self, callback: fn(u32) -> u32);
    async fn result(&self) -> &'static str;
    async fn inferred(&self) -> Vec<_>;
}

fn main() {}
