//! Keeping a lease: says again and again that this process is there. Whether it was in time, the log says.

use crate::config::EtcdConfig;
use crate::store::{Store, StoreError, in_full, in_time};

/// Renews a lease until it is dropped, or there is nothing to renew.
pub(crate) async fn keep(store: Store, config: EtcdConfig, lease: i64) {
    let mut attempt = 0;
    loop {
        match renew(&store, &config, lease, &mut attempt).await {
            Ok(Kept::Gone) => {
                tracing::warn!(target: "harness", "the lease at etcd has run out");
                return;
            }
            Ok(Kept::Closed) => {}
            Err(error) => {
                tracing::debug!(target: "harness::etcd", error = in_full(&error), "the lease was not renewed");
            }
        }
        tokio::time::sleep(config.pause(attempt)).await;
        attempt += 1;
    }
}

enum Kept {
    Gone,
    Closed,
}

async fn renew(
    store: &Store,
    config: &EtcdConfig,
    lease: i64,
    attempt: &mut u32,
) -> Result<Kept, StoreError> {
    let within = config.lease / 3;
    let mut leases = store.client.lease_client();
    let opening = leases.keep_alive(lease);
    let opened = tokio::time::timeout(within, opening).await;
    let (mut keeper, mut answers) = match opened {
        Ok(Err(etcd_client::Error::LeaseKeepAliveError(_))) => return Ok(Kept::Gone),
        Ok(Ok(opened)) => opened,
        _ => return Ok(Kept::Closed),
    };
    *attempt = 0;
    loop {
        tokio::time::sleep(within).await;
        in_time("renewing the lease", within, keeper.keep_alive()).await?;
        match in_time("renewing the lease", within, answers.message()).await? {
            Some(answer) if answer.ttl() > 0 => {}
            Some(_) => return Ok(Kept::Gone),
            None => return Ok(Kept::Closed),
        }
    }
}
