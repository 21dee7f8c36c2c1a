//! `nfs_serve FOLDER`: shows one folder to NFS clients, read-only. Prints where it listens, and ends on ^C.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use rmix::{ExportOptions, Exported};
use rmix_nfs::protocol::mount::MountProgramV3Skeleton;
use rmix_nfs::protocol::nfs3::NfsProgramV3Skeleton;
use rmix_nfs::runtime;
use rmix_nfs::server::{Folder, MountServer, NfsServer, READ_MAX, READ_MAX_OF_DATAGRAMS};

/// Shows one folder to NFS version 3 clients, read-only.
///
/// Whoever reaches the endpoints reads whatever this process may read in the folder: NFS with AUTH_SYS proves nothing of a
/// caller. Without options only this machine does. An endpoint without a port is registered with this machine's rpcbind.
#[derive(Parser)]
#[command(name = "nfs_serve", version)]
struct Options {
    /// The folder to show.
    folder: PathBuf,
    /// The path that clients mount it by.
    #[arg(long, default_value = "/export")]
    export: String,
    /// Where MOUNT listens; may be repeated.
    #[arg(long, default_value = "sunrpc+tcp://127.0.0.1:20048/100005/3")]
    mount_endpoint: Vec<String>,
    /// Where NFS listens; may be repeated.
    #[arg(long, default_value = "sunrpc+tcp://127.0.0.1:2049/100003/3")]
    nfs_endpoint: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("nfs_serve: {failure}");
            ExitCode::from(3)
        }
    }
}

async fn serve(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let by_datagrams = options
        .nfs_endpoint
        .iter()
        .any(|text| text.contains("+udp:"));
    let read_max = match by_datagrams {
        true => READ_MAX_OF_DATAGRAMS,
        false => READ_MAX,
    };
    let shown = options.folder.display();
    let folder = Folder::open(&options.folder, read_max);
    let folder = Arc::new(folder.map_err(|error| format!("{shown}: {error}"))?);
    let rmix = runtime()?;
    let mount = MountServer::new(folder.clone(), options.export);
    let mount = rmix
        .export(
            MountProgramV3Skeleton::new(mount),
            repeatable(&options.mount_endpoint),
        )
        .await?;
    let nfs = rmix
        .export(
            NfsProgramV3Skeleton::new(NfsServer::new(folder)),
            repeatable(&options.nfs_endpoint),
        )
        .with(ExportOptions::default())
        .await?;
    for exported in [&mount, &nfs] {
        for endpoint in exported.endpoints() {
            println!("{endpoint}");
        }
    }
    println!("READY");
    tokio::signal::ctrl_c().await?;
    let close = |exported: Exported| exported.unexport();
    tokio::try_join!(close(nfs), close(mount))?;
    Ok(())
}

/// Every call may be made twice here: answers need not be kept for callers who ask again.
fn repeatable(endpoints: &[String]) -> Vec<String> {
    let option = |text: &String| match text.contains("duplicates=") {
        true => text.clone(),
        false => format!(
            "{text}{}duplicates=off",
            if text.contains('?') { '&' } else { '?' }
        ),
    };
    endpoints.iter().map(option).collect()
}
