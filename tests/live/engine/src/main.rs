//! The stand-in for the vendor's command `kafka-backup`, on the vendor's own library.
//!
//! OSO publishes the engine as the crate `kafka-backup-core`; the command itself is a binary and an
//! image that no registry has. So that tests can run what is rendered, this program takes those
//! subcommands and flags of it that are rendered or tested, calls the same functions of the library,
//! logs to stdout as it does, and ends as it does: 0 fine, 1 any error, 2 wrong usage.

mod offsets;
mod operations;
mod validate;

use std::collections::HashMap;
use std::process::ExitCode;

use tracing::Level;

/// The values of options by their long names.
pub type Options = HashMap<String, String>;

const LOGIN: &str = "security-protocol sasl-mechanism";

/// Every subcommand with the options that it must have, and those that it may have.
const COMMANDS: &[(&str, &str, &str)] = &[
    ("backup", "config", ""),
    ("restore", "config", ""),
    ("three-phase-restore", "config", ""),
    ("validate-restore", "config", "format"),
    ("snapshot-groups", "config", ""),
    ("validate", "path backup-id", "deep"),
    (
        "offset-reset-bulk",
        "path backup-id groups bootstrap-servers",
        "max-concurrent max-retries format",
    ),
    (
        "offset-rollback snapshot",
        "path groups bootstrap-servers",
        "description format",
    ),
    ("offset-rollback list", "path", "format"),
    (
        "offset-rollback rollback",
        "path snapshot-id bootstrap-servers",
        "verify format",
    ),
];

const SHORT: &[(&str, &str)] = &[
    ("-c", "config"),
    ("-p", "path"),
    ("-b", "backup-id"),
    ("-g", "groups"),
    ("-s", "snapshot-id"),
    ("-f", "format"),
];

#[tokio::main]
async fn main() -> ExitCode {
    let (command, options, level) = match parse(std::env::args().skip(1)) {
        Ok(parsed) => parsed,
        Err(wrong) => {
            eprintln!("error: {wrong}");
            return ExitCode::from(2);
        }
    };
    tracing_subscriber::fmt().with_max_level(level).init();
    match run(&command, &options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error:?}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: &str, options: &Options) -> anyhow::Result<()> {
    let config = options.get("config").map_or("", String::as_str);
    match command {
        "backup" => operations::backup(config).await,
        "restore" => operations::restore(config).await,
        "three-phase-restore" => operations::three_phase_restore(config).await,
        "validate-restore" => operations::validate_restore(config).await,
        "snapshot-groups" => offsets::snapshot_groups(config).await,
        "validate" => validate::validate(options).await,
        "offset-reset-bulk" => offsets::reset_bulk(options).await,
        "offset-rollback snapshot" => offsets::snapshot(options).await,
        "offset-rollback list" => offsets::list(options).await,
        _ => offsets::rollback(options).await,
    }
}

/// The subcommand, its options and how much is logged; or what is wrong with the words.
fn parse(words: impl Iterator<Item = String>) -> Result<(String, Options, Level), String> {
    let (mut names, mut options, mut verbose) = (Vec::new(), Options::new(), 0);
    let mut words = words;
    while let Some(word) = words.next() {
        if matches!(word.as_str(), "-v" | "-vv" | "--verbose") {
            verbose += word.matches('v').count().min(2);
        } else if word == "--deep" {
            options.insert("deep".into(), "true".into());
        } else if word.starts_with('-') {
            let short = SHORT.iter().find(|each| each.0 == word).map(|each| each.1);
            let name = short.or(word.strip_prefix("--"));
            let name = name.ok_or_else(|| format!("unexpected argument '{word}'"))?;
            let value = words
                .next()
                .ok_or_else(|| format!("'{word}' wants a value"))?;
            options.insert(name.into(), value);
        } else {
            names.push(word);
        }
    }
    let command = names.join(" ");
    let known = COMMANDS.iter().find(|each| each.0 == command);
    let (_, must, may) = known.ok_or_else(|| format!("unrecognized subcommand '{command}'"))?;
    if let Some(missing) = must
        .split_whitespace()
        .find(|name| !options.contains_key(*name))
    {
        return Err(format!("--{missing} is not given"));
    }
    let login = if must.contains("bootstrap-servers") {
        LOGIN
    } else {
        ""
    };
    let allowed = |name: &str| {
        [*must, *may, login]
            .iter()
            .any(|names| names.split_whitespace().any(|each| each == name))
    };
    if let Some(surplus) = options.keys().find(|name| !allowed(name)) {
        return Err(format!("unexpected argument '--{surplus}'"));
    }
    let level = match verbose {
        0 => Level::INFO,
        1 => Level::DEBUG,
        _ => Level::TRACE,
    };
    Ok((command, options, level))
}
