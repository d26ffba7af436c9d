//! Offsets of consumer groups: kept with a backup, set from a restore's mapping, and taken back.

use std::collections::{BTreeMap, HashSet};

use anyhow::{ensure, Context, Result};
use kafka_backup_core::config::{KafkaConfig, SecurityConfig};
use kafka_backup_core::kafka::{KafkaClient, PartitionLeaderRouter};
use kafka_backup_core::storage::create_backend;
use kafka_backup_core::{
    rollback_offset_reset, snapshot_current_offsets, verify_rollback, BackupManifest,
    BulkOffsetMapping, BulkOffsetReset, BulkOffsetResetConfig, BulkResetStatus, OffsetMapping,
    OffsetSnapshotStorage, RollbackStatus, StorageBackendSnapshotStore,
};
use serde_json::{from_slice, from_value, json, to_string_pretty, to_vec_pretty};
use tracing::{info, warn};

use crate::validate::storage;
use crate::{operations, Options};

/// Keep with a backup what groups have committed on its topics.
pub async fn snapshot_groups(path: &str) -> Result<()> {
    let config = operations::load(path).await?;
    let source = config
        .source
        .context("source configuration required for snapshot-groups")?;
    let storage = create_backend(&config.storage)?;
    let key = format!("{}/manifest.json", config.backup_id);
    let manifest: BackupManifest = from_slice(&storage.get(&key).await.context(key)?)?;
    let topics: HashSet<String> = manifest
        .topics
        .into_iter()
        .map(|topic| topic.name)
        .collect();
    let router = PartitionLeaderRouter::new(source).await?;
    let mut groups = Vec::new();
    for (group_id, committed) in router.fetch_group_offsets_all_coordinators().await? {
        let mut offsets: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
        for each in committed
            .iter()
            .filter(|each| topics.contains(&each.topic) && each.offset >= 0)
        {
            let of_topic = offsets.entry(each.topic.clone()).or_default();
            of_topic.insert(each.partition.to_string(), each.offset);
        }
        if !offsets.is_empty() {
            groups.push(json!({"group_id": group_id, "offsets": offsets}));
        }
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let snapshot = json!({"snapshot_time": now.as_millis() as i64, "groups": groups});
    let key = format!("{}/consumer-groups-snapshot.json", config.backup_id);
    storage.put(&key, to_vec_pretty(&snapshot)?.into()).await?;
    info!("Consumer groups snapshot saved to {key}");
    Ok(())
}

/// Set groups to where a restore's mapping, found beside the manifest, says that they were.
pub async fn reset_bulk(options: &Options) -> Result<()> {
    let mapping = mapping(options).await?;
    let mut wanted = Vec::new();
    for group_id in list_of(options, "groups") {
        let Some(group) = mapping.consumer_groups.get(&group_id) else {
            warn!("Consumer group {group_id} not found in offset mapping");
            continue;
        };
        for (topic, partitions) in &group.offsets {
            for (&partition, offset) in partitions {
                let found = offset.target_offset.or_else(|| {
                    mapping.lookup_target_offset(topic, partition, offset.source_offset)
                });
                if let Some(new_offset) = found {
                    wanted.push(BulkOffsetMapping {
                        group_id: group_id.clone(),
                        topic: topic.clone(),
                        partition,
                        new_offset,
                        metadata: offset.metadata.clone(),
                    });
                } else {
                    warn!("No target offset for {group_id}:{topic}:{partition}, skipping");
                }
            }
        }
    }
    if wanted.is_empty() {
        println!("No offsets to reset.");
        return Ok(());
    }
    let mut config = BulkOffsetResetConfig::default();
    if let Some(number) = options.get("max-concurrent") {
        config.max_concurrent_requests = number.parse()?;
    }
    if let Some(number) = options.get("max-retries") {
        config.max_retry_attempts = number.parse()?;
    }
    let reset = BulkOffsetReset::new(client(options).await?, config);
    let report = reset.reset_offsets_parallel(wanted).await?;
    println!("{}", to_string_pretty(&report)?);
    ensure!(
        report.status != BulkResetStatus::Failed,
        "All offset resets failed"
    );
    Ok(())
}

async fn mapping(options: &Options) -> Result<OffsetMapping> {
    let (storage, folder) = (storage(options)?, &options["backup-id"]);
    if let Ok(data) = storage.get(&format!("{folder}/restore-report.json")).await {
        let report: kafka_backup_core::RestoreReport = from_slice(&data)?;
        return Ok(report.offset_mapping);
    }
    let data = storage.get(&format!("{folder}/offset-mapping.json")).await;
    Ok(from_slice(&data.context(
        "No offset mapping found; run a restore first",
    )?)?)
}

/// Keep what groups have committed now.
pub async fn snapshot(options: &Options) -> Result<()> {
    let (client, groups) = (client(options).await?, list_of(options, "groups"));
    let servers = list_of(options, "bootstrap-servers");
    let mut snapshot = snapshot_current_offsets(&client, &groups, servers).await?;
    snapshot.description = options.get("description").cloned();
    StorageBackendSnapshotStore::new(storage(options)?)
        .save_snapshot(&snapshot)
        .await?;
    println!("{}", to_string_pretty(&snapshot.to_metadata())?);
    Ok(())
}

/// Tell what is kept, newest first.
pub async fn list(options: &Options) -> Result<()> {
    let snapshots = StorageBackendSnapshotStore::new(storage(options)?)
        .list_snapshots()
        .await?;
    println!("{}", to_string_pretty(&snapshots)?);
    Ok(())
}

/// Set groups back to what was kept, and look whether they are there.
pub async fn rollback(options: &Options) -> Result<()> {
    let store = StorageBackendSnapshotStore::new(storage(options)?);
    let snapshot = store.load_snapshot(&options["snapshot-id"]).await?;
    let client = client(options).await?;
    let result = rollback_offset_reset(&client, &snapshot).await?;
    let verified = match options.get("verify").map(String::as_str) {
        Some("false") => None,
        _ => Some(verify_rollback(&client, &snapshot).await?),
    };
    println!(
        "{}",
        to_string_pretty(&json!({"result": result, "verification": verified}))?
    );
    ensure!(result.status != RollbackStatus::Failed, "Rollback failed");
    Ok(())
}

fn list_of(options: &Options, name: &str) -> Vec<String> {
    options[name].split(',').map(str::to_string).collect()
}

/// Who logs in by password; these commands know no certificate of a client.
async fn client(options: &Options) -> Result<KafkaClient> {
    let of = |name: &str| std::env::var(name).ok();
    let protocol = options
        .get("security-protocol")
        .map_or("PLAINTEXT", String::as_str);
    let mut security = json!({"security_protocol": protocol.to_uppercase()});
    if protocol.to_uppercase().starts_with("SASL") {
        let mechanism = options
            .get("sasl-mechanism")
            .cloned()
            .or(of("KAFKA_SASL_MECHANISM"));
        security["sasl_mechanism"] = json!(mechanism.unwrap_or("PLAIN".into()));
        security["sasl_username"] = json!(of("KAFKA_USERNAME"));
        security["sasl_password"] = json!(of("KAFKA_PASSWORD"));
    }
    if protocol.to_uppercase().ends_with("SSL") {
        security["ssl_ca_location"] = json!(of("KAFKA_SSL_CA_CERT"));
    }
    let client = KafkaClient::new(KafkaConfig {
        bootstrap_servers: list_of(options, "bootstrap-servers"),
        security: from_value::<SecurityConfig>(security)?,
        topics: Default::default(),
        connection: Default::default(),
    });
    client
        .connect()
        .await
        .context("Failed to connect to Kafka")?;
    Ok(client)
}
