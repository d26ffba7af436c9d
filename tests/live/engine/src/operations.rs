//! What takes a config file: a backup, and the restores.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{bail, ensure, Context, Result};
use kafka_backup_core::backup::BackupEngine;
use kafka_backup_core::{
    Config, MetricsConfig, MetricsServer, MetricsServerConfig, PrometheusMetrics, RestoreEngine,
    ThreePhaseRestore,
};
use tokio::signal::unix::{signal, SignalKind};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tracing::{info, warn};

/// A config file, with `${NAME}` filled in from the environment before it is read as YAML.
pub async fn load(path: &str) -> Result<Config> {
    info!("Loading configuration from: {path}");
    let text = tokio::fs::read_to_string(path).await;
    let text = filled(&text.with_context(|| format!("cannot read {path}"))?);
    let (config, ignored) = Config::from_yaml_with_warnings(&text)?;
    for key in ignored {
        warn!("Ignoring unknown config key `{key}`");
    }
    Ok(config)
}

/// A variable that is not set counts as empty; there is no way to escape one.
fn filled(text: &str) -> String {
    let mut parts = text.split("${");
    let mut result = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        match std::env::var(name) {
            Ok(value) => result.push_str(&value),
            Err(_) => warn!("Environment variable '{name}' is not set, using empty string"),
        }
        result.push_str(rest);
    }
    result
}

pub async fn backup(path: &str) -> Result<()> {
    let config = load(path).await?;
    info!("Starting backup: {}", config.backup_id);
    let served = Served::start(config.metrics.clone().unwrap_or_default());
    let engine = BackupEngine::new_with_metrics(config, Some(served.metrics.clone())).await?;
    let signals = stopping(engine.shutdown_handle());
    let result = engine.run().await;
    served.end().await;
    signals.abort();
    result?;
    info!("Backup completed successfully");
    Ok(())
}

/// Restore, then commit groups' offsets where the config asks for it, which the engine never does.
pub async fn restore(path: &str) -> Result<()> {
    let config = load(path).await?;
    info!("Starting restore from backup: {}", config.backup_id);
    let served = Served::start(config.metrics.clone().unwrap_or_default());
    let engine = RestoreEngine::new_with_metrics(config.clone(), Some(served.metrics.clone()))?;
    let signals = stopping(engine.shutdown_handle());
    let result = engine.run().await;
    served.end().await;
    signals.abort();
    let report = result?;
    if ThreePhaseRestore::wants_offset_reset(&config.restore.clone().unwrap_or_default()) {
        let outcome = ThreePhaseRestore::new(config)?
            .run_offset_reset_phase(&report)
            .await?;
        println!("{}", serde_json::to_string_pretty(&outcome)?);
        ensure!(outcome.success(), "the offset reset failed");
    }
    info!("Restore completed successfully");
    Ok(())
}

pub async fn three_phase_restore(path: &str) -> Result<()> {
    let config = load(path).await?;
    info!(
        "Starting three-phase restore from backup: {}",
        config.backup_id
    );
    let report = ThreePhaseRestore::new(config)?.run_all_phases().await?;
    for warning in &report.warnings {
        println!("warning: {warning}");
    }
    println!(
        "{}",
        serde_json::to_string_pretty(&report.offset_reset_report)?
    );
    if !report.success {
        bail!(
            "Three-phase restore completed with errors: {:?}",
            report.restore_report.errors
        );
    }
    info!("Three-phase restore completed successfully");
    Ok(())
}

/// What a restore would do, as JSON in whatever format is asked; nothing is written anywhere.
pub async fn validate_restore(path: &str) -> Result<()> {
    let mut config = load(path).await?;
    config.restore.get_or_insert_with(Default::default).dry_run = true;
    let report = RestoreEngine::new(config)?.dry_run().await?;
    println!("{}", serde_json::to_string_pretty(&report)?);
    ensure!(
        report.valid && report.errors.is_empty(),
        "the restore would fail"
    );
    Ok(())
}

/// The first SIGTERM or Ctrl-C tells an engine to write down what it holds, and to end.
fn stopping(engine: broadcast::Sender<()>) -> JoinHandle<()> {
    let mut terminate = signal(SignalKind::terminate()).expect("signals can be heard");
    tokio::spawn(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        info!("Received shutdown signal, initiating graceful shutdown...");
        let _ = engine.send(());
    })
}

/// Metrics over HTTP, as long as the operation runs and as much longer as the config says.
struct Served {
    metrics: Arc<PrometheusMetrics>,
    server: Option<JoinHandle<()>>,
    settings: MetricsConfig,
}

impl Served {
    fn start(settings: MetricsConfig) -> Self {
        let metrics = Arc::new(PrometheusMetrics::with_max_labels(
            settings.max_partition_labels,
        ));
        let address = format!("{}:{}", settings.bind_address, settings.port).parse();
        let server = address.ok().filter(|_| settings.enabled).map(|address| {
            let config = MetricsServerConfig::new(address, settings.path.clone());
            let server = MetricsServer::new(config, metrics.clone());
            tokio::spawn(async move {
                if let Err(error) = server.run_until_shutdown().await {
                    tracing::error!("Metrics server error: {error}");
                }
            })
        });
        Self {
            metrics,
            server,
            settings,
        }
    }

    async fn end(&self) {
        if let Some(server) = &self.server {
            tokio::time::sleep(Duration::from_secs(self.settings.keep_alive_seconds)).await;
            server.abort();
        }
    }
}
