//! The hosts of a database: tried one by one until one takes writes, beginning with the one that did so last. A host
//! that accepts a connection and then says nothing is passed over like one that is gone.

use crate::failure::sentence;
use crate::tls::{Tls, TlsStream, is_handshake};
use crate::url::Target;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, Connection, Error, Socket};

/// A connection's other half, which must be polled for anything to move.
pub(crate) type Driver = Connection<Socket, TlsStream>;

pub(crate) struct Hosts {
    each: Vec<Config>,
    tls: Tls,
    /// Which one took the last connection.
    last: AtomicUsize,
    /// How long one may take.
    patience: Duration,
}

impl Hosts {
    pub(crate) fn of(target: Target, patience: Duration) -> Hosts {
        let Target { config, tls } = target;
        Hosts { each: each(config), tls, last: AtomicUsize::new(0), patience }
    }

    pub(crate) fn count(&self) -> usize {
        self.each.len()
    }

    /// The next connection is looked for behind the host of the last one.
    pub(crate) fn pass_over(&self) {
        self.last.store((self.last.load(Ordering::Relaxed) + 1) % self.each.len(), Ordering::Relaxed);
    }

    /// A connection, or why each host did not take it. On the runtime.
    pub(crate) async fn connect(&self) -> Result<(Client, Driver), String> {
        let (first, count) = (self.last.load(Ordering::Relaxed), self.each.len());
        let mut reasons = Vec::new();
        for host in (0..count).map(|turn| (first + turn) % count) {
            match tokio::time::timeout(self.patience, self.connect_to(&self.each[host])).await {
                Ok(Ok(connected)) => {
                    self.last.store(host, Ordering::Relaxed);
                    return Ok(connected);
                }
                Ok(Err(error)) => reasons.push(sentence(&error)),
                Err(_) => reasons.push(format!("no answer within {:?}", self.patience)),
            }
        }
        Err(reasons.join("; "))
    }

    /// A host that speaks no TLS that can be spoken is as good as one without, where TLS is only preferred.
    async fn connect_to(&self, host: &Config) -> Result<(Client, Driver), Error> {
        let connected = host.connect(self.tls.clone()).await;
        match connected {
            Err(error) if is_handshake(&error) && host.get_ssl_mode() == SslMode::Prefer => {
                host.clone().ssl_mode(SslMode::Disable).connect(self.tls.clone()).await
            }
            ended => ended,
        }
    }
}

/// The same for each of its hosts.
pub(crate) fn each(config: Config) -> Vec<Config> {
    match config.get_hosts().len().max(config.get_hostaddrs().len()) {
        0 => vec![config],
        count => (0..count).map(|host| only(&config, host)).collect(),
    }
}

/// The same with one of its hosts.
fn only(config: &Config, host: usize) -> Config {
    let mut one = Config::new();
    one.ssl_mode(config.get_ssl_mode());
    let address = config.get_hostaddrs().get(host);
    match (config.get_hosts().get(host), address) {
        (Some(Host::Tcp(name)), _) => one.host(name),
        // There is no TLS over sockets of the machine, and libpq does not ask for it.
        #[cfg(unix)]
        (Some(Host::Unix(folder)), _) => one.host_path(folder).ssl_mode(SslMode::Disable),
        (None, Some(address)) => one.host(address.to_string()),
        (None, None) => &mut one,
    };
    address.map(|address| one.hostaddr(*address));
    let port = config.get_ports().get(host).or(config.get_ports().first());
    port.map(|port| one.port(*port));
    config.get_user().map(|user| one.user(user));
    config.get_password().map(|password| one.password(password));
    config.get_dbname().map(|name| one.dbname(name));
    config.get_options().map(|options| one.options(options));
    config.get_application_name().map(|name| one.application_name(name));
    config.get_connect_timeout().map(|timeout| one.connect_timeout(*timeout));
    config.get_tcp_user_timeout().map(|timeout| one.tcp_user_timeout(*timeout));
    config.get_keepalives_interval().map(|interval| one.keepalives_interval(interval));
    config.get_keepalives_retries().map(|retries| one.keepalives_retries(retries));
    one.keepalives(config.get_keepalives()).keepalives_idle(config.get_keepalives_idle());
    one.ssl_negotiation(config.get_ssl_negotiation()).channel_binding(config.get_channel_binding());
    one.target_session_attrs(config.get_target_session_attrs());
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_has_the_port_that_stands_beside_it() {
        let hosts = |url: &str| Hosts::of(crate::url::read(url).expect("a URL"), Duration::from_secs(1)).each;
        let hosts_of = |url: &str| {
            let each = hosts(url);
            each.iter().map(|one| (one.get_hosts().to_vec(), one.get_ports().to_vec())).collect::<Vec<_>>()
        };
        let tcp = |name: &str| vec![Host::Tcp(name.to_owned())];
        assert_eq!(hosts_of("postgres://u:p@a:1,b:2/d"), [(tcp("a"), vec![1]), (tcp("b"), vec![2])]);
        assert_eq!(hosts_of("postgres://u@a,b/d?connect_timeout=3").len(), 2);
        assert_eq!(hosts_of("postgres:///d?user=u").len(), 1);
        assert_eq!(hosts("postgres:///d?user=u&hostaddr=127.0.0.1")[0].get_hosts(), tcp("127.0.0.1"));
        let modes = |url: &str| hosts(url).iter().map(Config::get_ssl_mode).collect::<Vec<_>>();
        let mixed = modes("postgres://u@a/d?host=/folder&sslmode=require");
        assert_eq!(mixed, [SslMode::Require, SslMode::Disable]);
        let second = &hosts("postgres://u:p@a,b/d?connect_timeout=3")[1];
        assert_eq!((second.get_user(), second.get_password()), (Some("u"), Some(&b"p"[..])));
        assert_eq!(
            (second.get_dbname(), second.get_connect_timeout()),
            (Some("d"), Some(&Duration::from_secs(3)))
        );
    }
}
