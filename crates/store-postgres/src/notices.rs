//! What servers tell each other by NOTIFY: that feeds have new records, and which documents have changed.
//!
//! A notice of documents is part of the commit that changes them. One of feeds follows its commit, many at once: a
//! NOTIFY inside would take a lock that all commits with one wait for. If its server ends in between, readers that
//! wait find the records when they look again, which they do every few seconds.
//!
//! ```text
//! d <origin> <position> <key>…      documents, keys in hexadecimal digits; * for too many to name
//! h <origin> <position> <process>   a notice of documents was heard by the server that listens by this process
//! f <origin> <feed>:<position>:<index>…
//! ```

use crate::connector::current_epoch;
use crate::failure::refused;
use crate::postgres_store::Core;
use crate::sql::Sql;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use store::{FeedCursor, FeedId, Position, Stamp, StoreError};
use tokio::sync::{Notify, mpsc};
use tokio_postgres::{AsyncMessage, Client};

/// How long a payload may be.
const BYTES_MAX: usize = 7_500;
/// How long to wait before connecting again.
const RECONNECT: Duration = Duration::from_millis(500);
/// How often readers that wait look again by themselves.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// A feed has a record here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) feed: FeedId,
    pub(crate) end: FeedCursor,
}

/// What is to be told to other servers.
pub(crate) struct Outbox {
    /// Who tells it: a server does not listen to itself.
    origin: u64,
    feeds: Mutex<HashMap<FeedId, FeedCursor>>,
    raised: Notify,
}

impl Outbox {
    pub(crate) fn new(origin: u64) -> Outbox {
        Outbox { origin, feeds: Mutex::default(), raised: Notify::new() }
    }

    pub(crate) fn put(&self, notice: Notice) {
        let mut feeds = self.feeds.lock();
        let end = feeds.entry(notice.feed).or_default();
        *end = notice.end.max(*end);
        drop(feeds);
        self.raised.notify_one();
    }

    /// The payload for a commit that changes documents, if it does.
    pub(crate) fn documents_notice(&self, keys: &[Vec<u8>], at: Position) -> Option<String> {
        if keys.is_empty() {
            return None;
        }
        let head = format!("d {:x} {:x}", self.origin, at.0);
        let bytes: usize = keys.iter().map(|key| 2 * key.len() + 1).sum();
        if head.len() + bytes > BYTES_MAX {
            return Some(format!("{head} *"));
        }
        let keys = keys.iter().map(|key| format!(" {}", stdx::hex::encode(key)));
        Some(keys.fold(head, |text, key| text + &key))
    }

    /// The payloads of all feeds that have something new.
    fn take(&self) -> Vec<String> {
        let feeds = std::mem::take(&mut *self.feeds.lock());
        let head = format!("f {:x}", self.origin);
        let mut texts = vec![head.clone()];
        for (feed, end) in feeds {
            let word = format!(" {:x}:{:x}:{:x}", feed.0, end.position.0, end.index);
            match texts.last_mut().filter(|text| text.len() + word.len() <= BYTES_MAX) {
                Some(text) => text.push_str(&word),
                None => texts.push(head.clone() + &word),
            }
        }
        texts.retain(|text| text.len() > head.len());
        texts
    }
}

/// What another server has told.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Feeds(Vec<Notice>),
    /// `None`: too many to name.
    Documents(Position, Option<Vec<Vec<u8>>>),
    /// A server has heard of documents, by this process of the database.
    Hearing(Position, i32),
}

fn parse(text: &str, own_origin: u64) -> Option<Heard> {
    let mut words = text.split(' ');
    let kind = words.next()?;
    if u64::from_str_radix(words.next()?, 16).ok()? == own_origin {
        return None;
    }
    match kind {
        "f" => words.map(notice).collect::<Option<_>>().map(Heard::Feeds),
        "d" => {
            let position = Position(u128::from_str_radix(words.next()?, 16).ok()?);
            let keys = words.map(stdx::hex::decode).collect::<Option<_>>();
            Some(Heard::Documents(position, keys))
        }
        "h" => {
            let position = Position(u128::from_str_radix(words.next()?, 16).ok()?);
            Some(Heard::Hearing(position, words.next()?.parse().ok()?))
        }
        _ => None,
    }
}

fn notice(word: &str) -> Option<Notice> {
    let mut parts = word.split(':');
    let feed = FeedId(u64::from_str_radix(parts.next()?, 16).ok()?);
    let position = Position(u128::from_str_radix(parts.next()?, 16).ok()?);
    let index = u32::from_str_radix(parts.next()?, 16).ok()?;
    Some(Notice { feed, end: FeedCursor { position, index } })
}

impl Core {
    /// Tells others of feeds, as long as the runtime lives.
    pub(crate) async fn tell(self: Arc<Self>) {
        loop {
            self.outbox.raised.notified().await;
            for text in self.outbox.take() {
                // One that is lost is made up for by readers who look again.
                self.rows(Sql::Notify, &[&self.connector.schema(), &text]).await.ok();
            }
        }
    }

    /// Lets readers look again now and then, and looks at the horizon that they read up to.
    pub(crate) async fn look_again(self: Arc<Self>) {
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            self.feeds.wake_all();
            self.look_at_the_primary().await;
            // A database that is away is told by other figures.
            self.horizon_age().await.ok();
        }
    }

    /// Hears what others tell on a connection, and on another one when it is lost.
    pub(crate) async fn hear(self: Arc<Self>, mut ear: Ear) {
        loop {
            while let Some(text) = self.next_notice(&mut ear).await {
                if let Some(answer) = self.heard(&text) {
                    self.rows(Sql::Notify, &[&self.connector.schema(), &answer]).await.ok();
                }
            }
            ear = loop {
                tokio::time::sleep(RECONNECT).await;
                if let Ok(ear) = self.listen().await {
                    break ear;
                }
            };
            // What was told in between is not known.
            self.feeds.wake_all();
            self.watches.note_any();
        }
    }

    /// `None` where the connection is lost, or is one to a primary that has been replaced: nothing is told there now.
    async fn next_notice(&self, ear: &mut Ear) -> Option<String> {
        tokio::select! {
            text = ear.heard.recv() => text,
            () = self.connector.primary().is_replaced(ear.epoch) => None,
        }
    }

    /// On the runtime.
    pub(crate) async fn listen(&self) -> Result<Ear, StoreError> {
        let silent = |_| Err(StoreError::Unavailable("the database does not answer".to_owned()));
        tokio::time::timeout(self.connector.patience(), self.listens()).await.unwrap_or_else(silent)
    }

    async fn listens(&self) -> Result<Ear, StoreError> {
        let (client, mut driver) = self.connector.dial().await.map_err(StoreError::Unavailable)?;
        let (send, heard) = mpsc::unbounded_channel();
        self.connector.runtime().spawn(async move {
            while let Some(Ok(message)) = poll_fn(|cx| driver.poll_message(cx)).await {
                if let AsyncMessage::Notification(notification) = message {
                    send.send(notification.payload().to_owned()).ok();
                }
            }
        });
        let (name, channel) = (self.ear_name(), self.connector.quoted_schema());
        client
            .batch_execute(&format!("SET application_name = '{name}'; LISTEN {channel}"))
            .await
            .map_err(|error| refused(&error))?;
        let process =
            client.query_one("SELECT pg_backend_pid()", &[]).await.map_err(|error| refused(&error))?;
        let schema = self.connector.quoted_schema();
        client
            .batch_execute(&format!("SET search_path = {schema}"))
            .await
            .map_err(|error| refused(&error))?;
        let epoch = current_epoch(&client).await.map_err(|error| refused(&error))? as u64;
        if !self.connector.primary().is_latest(epoch) {
            return Err(StoreError::Unavailable("the primary has been replaced".to_owned()));
        }
        self.hearing.listens_by(process.get(0));
        Ok(Ear { _client: client, epoch, heard })
    }

    /// Takes a notice in, and returns what is to be answered.
    fn heard(&self, text: &str) -> Option<String> {
        match parse(text, self.outbox.origin)? {
            Heard::Feeds(notices) => notices.into_iter().for_each(|notice| {
                self.note_position(notice.end.position);
                self.feeds.note(notice.feed, notice.end);
            }),
            Heard::Hearing(position, ear) => self.hearing.note(position, ear),
            Heard::Documents(position, keys) => {
                self.note_position(position);
                match keys {
                    Some(keys) => self.watches.note(keys.iter().map(Vec::as_slice)),
                    None => self.watches.note_any(),
                }
                let ear = self.hearing.own_ear();
                return Some(format!("h {:x} {:x} {ear}", self.outbox.origin, position.0));
            }
        }
        None
    }

    /// What all connections that listen to this schema are called.
    pub(crate) fn ear_name(&self) -> String {
        format!("stator-ear-{:x}", self.lock_names.of_schema())
    }

    fn note_position(&self, position: Position) {
        self.newest.note(Stamp { position, time_micros: self.newest.time_micros() });
    }
}

/// A connection that listens.
pub(crate) struct Ear {
    _client: Client,
    /// That of the primary which it listens to.
    epoch: u64,
    heard: mpsc::UnboundedReceiver<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(position: u128, index: u32) -> FeedCursor {
        FeedCursor { position: Position(position), index }
    }

    #[test]
    fn notices_of_feeds_come_back_with_their_newest_places() {
        let outbox = Outbox::new(1);
        for feed in 0..1_000 {
            outbox.put(Notice { feed: FeedId(feed), end: end(9, 2) });
            outbox.put(Notice { feed: FeedId(feed), end: end(8, 7) });
        }
        let texts = outbox.take();
        assert!(texts.len() > 1 && texts.iter().all(|text| text.len() <= BYTES_MAX));
        let mut heard = Vec::new();
        for text in &texts {
            assert_eq!(parse(text, 1), None, "its own");
            let Some(Heard::Feeds(notices)) = parse(text, 2) else { panic!("{text}") };
            heard.extend(notices);
        }
        heard.sort_by_key(|notice| notice.feed);
        let expected: Vec<_> = (0..1_000).map(|feed| Notice { feed: FeedId(feed), end: end(9, 2) }).collect();
        assert_eq!(heard, expected);
        assert!(outbox.take().is_empty());
    }

    #[test]
    fn notices_of_documents_name_them_or_say_that_there_were_many() {
        let outbox = Outbox::new(1);
        assert_eq!(outbox.documents_notice(&[], Position(5)), None);
        let keys = vec![b"a\0".to_vec(), Vec::new(), vec![255]];
        let text = outbox.documents_notice(&keys, Position(5)).unwrap();
        assert_eq!(parse(&text, 2), Some(Heard::Documents(Position(5), Some(keys))));
        assert_eq!(parse("h 2 5 77", 1), Some(Heard::Hearing(Position(5), 77)));
        let text = outbox.documents_notice(&vec![vec![1; 100]; 100], Position(5)).unwrap();
        assert_eq!(parse(&text, 2), Some(Heard::Documents(Position(5), None)));
    }

    #[test]
    fn what_is_no_notice_is_passed_over() {
        for text in ["", "f", "x 2 3", "f 2 1:2", "d 2"] {
            assert_eq!(parse(text, 1), None, "{text}");
        }
    }
}
