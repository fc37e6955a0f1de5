//! The settings of a run as a `stator.toml` that means the same, without secrets: the result of flags, environment,
//! file and defaults.

use super::{Config, DataConfig, DatabaseConfig, Size};
use dynamodb::legacy_global_table::LegacyGlobalTables;
use http_server::{Cors, Persona};
use std::fmt::{self, Display, Formatter};
use std::path::Path;
use std::time::Duration;

impl Display for Config {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mode = if matches!(self.persona, Persona::Local) { "local" } else { "production" };
        writeln!(f, "mode = {}\n", quoted(mode))?;
        self.write_http(f)?;
        self.write_tls(f)?;
        self.write_data(f)?;
        self.write_tables(f)?;
        self.peers.write(f)?;
        writeln!(f, "[lambda]\nenabled = {}\n", self.lambda.is_on())?;
        self.s3.write(f)?;
        super::dax::write(self.dax.as_ref(), f)?;
        self.auth.write(f)?;
        super::audit::write(self.audit.as_ref(), f)?;
        write!(f, "[log]\nfilter = {}\n", quoted(&self.log))
    }
}

impl Config {
    fn write_http(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (address, settings) = (self.http.address, self.http.settings());
        writeln!(f, "[http]\nhost = {}\nport = {}", quoted(&address.ip()), address.port())?;
        if self.tls.is_none() {
            writeln!(f, "tls = \"off\"")?;
        }
        if let Cors::Origins(origins) = &settings.cors {
            let origins: Vec<_> = origins.iter().map(quoted).collect();
            writeln!(f, "cors = [{}]", origins.join(", "))?;
        }
        let limits = settings.limits;
        writeln!(f, "connections_max = {}", limits.connections)?;
        writeln!(f, "in_flight_mb_max = {}", limits.in_flight_bytes >> 20)?;
        for (key, time) in [
            ("head_timeout_seconds", limits.head_timeout),
            ("body_timeout_seconds", limits.body_timeout),
            ("response_timeout_seconds", limits.response_timeout),
        ] {
            writeln!(f, "{key} = {}", time.as_secs())?;
        }
        writeln!(f)
    }

    fn write_tls(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(files) = &self.tls else { return Ok(()) };
        writeln!(f, "[tls]\ncertificate = {}\nkey = {}", path(&files.certificate), path(&files.key))?;
        if let Some(client_ca) = &files.client_ca {
            writeln!(f, "client_ca = {}", path(client_ca))?;
        }
        writeln!(f)
    }

    fn write_data(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (dir, durability, encrypted, size) = match &self.data {
            DataConfig::Memory => return writeln!(f, "[data]\nmemory = true\n"),
            DataConfig::Database(database) => return write_database(database, f),
            DataConfig::Directory { path, durability, encrypted, size, .. } => {
                (path, durability, encrypted, size)
            }
        };
        writeln!(f, "[data]\ndir = {}\ndurability = {}", path(dir), quoted(durability.name()))?;
        if *encrypted {
            writeln!(f, "encrypt = true")?;
        }
        if let Size::Server { cache_mb } = size {
            writeln!(f, "cache_mb = {cache_mb}")?;
        }
        writeln!(f)
    }

    fn write_tables(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let tables = &self.tables;
        writeln!(f, "[tables]\ncontrol_plane_delay = {}", duration(tables.control_plane_delay))?;
        let life = Duration::from_micros(tables.shard_limits.life_micros);
        writeln!(f, "stream_shard_life = {}", duration(life))?;
        writeln!(f, "stream_shard_writes = {}", tables.shard_limits.writes_per_second)?;
        let retention = Duration::from_micros(tables.shard_limits.retention_micros);
        writeln!(f, "stream_retention = {}", duration(retention))?;
        let legacy = match tables.legacy_global_tables {
            LegacyGlobalTables::Offered => "offer",
            LegacyGlobalTables::Refused => "refuse",
            LegacyGlobalTables::Tutorial => "tutorial",
        };
        writeln!(f, "legacy_global_tables = {}", quoted(legacy))?;
        writeln!(f, "ttl_sweep = {}\n", tables.ttl_sweep.map_or_else(|| quoted("off"), duration))
    }
}

/// Its URL without a password.
fn write_database(database: &DatabaseConfig, f: &mut Formatter<'_>) -> fmt::Result {
    let DatabaseConfig { schema, cluster, connections, accept_loss, .. } = database;
    writeln!(
        f,
        "[store]\nkind = \"postgres\"\nurl = {}\nschema = {}",
        quoted(&database.shown()),
        quoted(schema)
    )?;
    if let Some(replicas) = database.shown_replicas() {
        writeln!(f, "read_replicas = {}", quoted(&replicas))?;
    }
    if let Some(cluster) = cluster {
        writeln!(f, "cluster = {}", quoted(cluster))?;
    }
    writeln!(f, "connections = {connections}\naccept_loss = {accept_loss}\n")
}

/// A text as TOML has it: what JSON escapes, TOML does too.
pub(super) fn quoted(text: &(impl Display + ?Sized)) -> String {
    serde_json::to_string(&text.to_string()).expect("a text")
}

fn path(path: &Path) -> String {
    quoted(&path.display())
}

fn duration(duration: Duration) -> String {
    match duration.subsec_millis() {
        0 => quoted(&format!("{}s", duration.as_secs())),
        _ => quoted(&format!("{}ms", duration.as_millis())),
    }
}
