//! The macro that writes a plug-in's exported symbol; expanded in the file `plugin.rs` of a provider.

/// Exports a provider: `export_provider!(rmix_provider_v1_example, ExampleProvider);` in a file `plugin.rs` of the crate.
///
/// The symbol's name ends in the provider's name, so that two providers linked into one program do not clash. The
/// static is also what a program without `dlopen` registers.
#[macro_export]
macro_rules! export_provider {
    ($symbol:ident, $provider:ty) => {
        /// The provider's entry: what its shared object exports, and what a static build registers.
        #[unsafe(no_mangle)]
        #[allow(non_upper_case_globals, reason = "the loader looks for this name")]
        pub static $symbol: $crate::tables::ProviderEntry = $crate::guest::entry::<$provider>();

        #[cfg(panic = "abort")]
        compile_error!("a provider must unwind: panics are caught at the boundary");
    };
}
