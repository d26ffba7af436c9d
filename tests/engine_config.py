"""What the backup engine knows of its config."""

KNOWN = {
    "": "mode backup_id source storage backup offset_storage metrics",
    "source": "bootstrap_servers topics security connection",
    "source.topics": "include exclude",
    "source.security": "security_protocol sasl_mechanism sasl_username sasl_password ssl_ca_location"
    " ssl_certificate_location ssl_key_location",
    "storage": "backend bucket region endpoint prefix path_style allow_http account_name container_name"
    " account_key sas_token use_workload_identity service_account_path path",
    "backup": "segment_max_bytes segment_max_interval_ms compression compression_level start_offset"
    " continuous on_missing_topic include_offset_headers stop_at_current_offsets"
    " max_concurrent_partitions consumer_group_snapshot require_topic_configs retention"
    " shutdown_grace_secs",
    "backup.retention": "max_age max_total_bytes keep_segments",
    "offset_storage": "backend db_path",
    "metrics": "enabled",
}
"""Keys of kafka-backup-core 0.25.2 (config.rs, storage/config.rs); what it does not know it ignores."""
