//! Keys of the attribute on methods and arguments.

#[rmix::remote]
trait Station {
    #[rmix(procedur = 1)]
    async fn misspelt(&self);
    #[rmix(idempotent = true)]
    async fn valued(&self);
    #[rmix(oneway, oneway)]
    async fn twice(&self);
    #[rmix]
    async fn bare(&self);
    async fn argument(&self, #[rmix(oneway)] place: String);
    async fn attribute(&self, #[allow(unused)] place: String);
}

fn main() {}
