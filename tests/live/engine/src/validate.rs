//! Whether a set is whole: its manifest, and every segment that the manifest names.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{ensure, Context, Result};
use kafka_backup_core::manifest::SegmentMetadata;
use kafka_backup_core::segment::SegmentReader;
use kafka_backup_core::storage::{
    create_backend, FilesystemBackend, StorageBackend, StorageBackendConfig,
};
use kafka_backup_core::BackupManifest;

use crate::Options;

/// The storage that `--path` names, by a URL or as a folder.
pub fn storage(options: &Options) -> Result<Arc<dyn StorageBackend>> {
    let path = &options["path"];
    if path.contains("://") {
        return Ok(create_backend(&StorageBackendConfig::from_url(path)?)?);
    }
    Ok(Arc::new(FilesystemBackend::new(PathBuf::from(path))))
}

/// Missing and unreadable segments fail, as they do there; any other difference is told only.
pub async fn validate(options: &Options) -> Result<()> {
    let storage = storage(options)?;
    let key = format!("{}/manifest.json", options["backup-id"]);
    let data = storage
        .get(&key)
        .await
        .with_context(|| format!("cannot load {key}"))?;
    let manifest: BackupManifest = serde_json::from_slice(&data).context("cannot parse it")?;
    let partitions = manifest.topics.iter().flat_map(|topic| &topic.partitions);
    let (mut checked, mut broken) = (0, 0);
    for segment in partitions.flat_map(|partition| &partition.segments) {
        checked += 1;
        match look_at(storage.as_ref(), segment, options.contains_key("deep")).await {
            Ok(issues) => issues
                .iter()
                .for_each(|issue| println!("  - {}: {issue}", segment.key)),
            Err(error) => {
                broken += 1;
                println!("  - {}: {error:#}", segment.key);
            }
        }
    }
    println!(
        "Segments Checked: {checked}, broken: {broken}, gaps: {}",
        manifest.total_gaps()
    );
    println!("Result: {}", if broken == 0 { "VALID" } else { "INVALID" });
    ensure!(
        broken == 0,
        "{broken} of {checked} segments are missing or cannot be read"
    );
    Ok(())
}

/// What is odd about a segment that is there.
async fn look_at(
    storage: &dyn StorageBackend,
    segment: &SegmentMetadata,
    deep: bool,
) -> Result<Vec<String>> {
    ensure!(storage.exists(&segment.key).await?, "missing");
    let mut issues = Vec::new();
    let mut compare = |what: &str, said: i64, found: i64| {
        if said != found {
            issues.push(format!("{what} {found}, and the manifest says {said}"));
        }
    };
    let size = storage.size(&segment.key).await?;
    compare("size", segment.compressed_size as i64, size as i64);
    if deep {
        let mut reader = SegmentReader::open(storage.get(&segment.key).await?)?;
        compare(
            "records",
            segment.record_count,
            reader.read_all()?.len() as i64,
        );
        compare("start offset", segment.start_offset, reader.start_offset());
        compare("end offset", segment.end_offset, reader.end_offset());
    }
    Ok(issues)
}
