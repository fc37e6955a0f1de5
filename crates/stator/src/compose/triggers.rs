//! Functions: the sessions that they call this server by, the event source mappings at work, and their metrics.

use cloudwatch::CloudWatch;
use cloudwatch::metrics::{Datum, Point, Series, Unit};
use event_source::Poller;
use event_source::call::GivenUp;
use iam::Directory;
use identity::DEFAULT_REGION;
use lambda::access::{self, Access, Credentials, SESSION_SECONDS};
use lambda::measures;
use lambda::{EventSources, Functions};
use pipeline::audit::{Inside, InsideLog};
use pipeline::{Caller, Kind};
use std::sync::{Arc, Weak};
use stdx::{Clock, Random};
use store::Store;
use store::lease::Leases;
use sts::service_session::{self, Asker, Lasting};

const MICROS_PER_MINUTE: u64 = 60_000_000;

/// How functions get credentials: sessions of their roles. Where signatures are not verified no policy counts, and a
/// role need not be there: a function then has a session of its account.
pub(super) fn access(
    directory: Arc<Directory>,
    verifies: bool,
    (clock, random): (Arc<dyn Clock>, Random),
    audit: Option<InsideLog>,
) -> Access {
    Access::by(Arc::new(move |wanted: access::Wanted| {
        let (directory, random, now_micros) = (Arc::clone(&directory), random.clone(), clock.now_micros());
        let audit = audit.clone();
        Box::pin(async move {
            if let Err(error) = directory.refresh().await {
                tracing::warn!(%error, "the roles of functions cannot be read");
            }
            let lasting = Lasting { now_micros, seconds: SESSION_SECONDS };
            let access::Wanted { account, role, function, source_arn } = &wanted;
            let asker = Asker { service: access::SERVICE, source_arn };
            let of_role =
                service_session::of_role(&directory, (account, role, function), asker, lasting, &random);
            if of_role.is_some() {
                audit.iter().for_each(|log| note_session(log, &wanted));
            }
            let of_account = || service_session::of_account(&directory, account, lasting, &random);
            let session = of_role.or_else(|| (!verifies).then(of_account))?;
            Some(Credentials {
                access_key_id: session.access_key_id,
                secret_access_key: session.secret_access_key,
                session_token: session.session_token,
                expires_micros: session.expires_micros,
            })
        })
    }))
}

fn note_session(log: &InsideLog, wanted: &access::Wanted) {
    let region = wanted.source_arn.split(':').nth(3).unwrap_or(DEFAULT_REGION);
    let caller = &Caller::of_service(access::SERVICE, &wanted.account, region);
    let (service, operation, kind) = ("sts", "AssumeRole", Kind::Control);
    let call = Inside { service, operation, kind, caller, invoked_by: access::SERVICE };
    log.note(call, wanted.role.clone(), None);
}

/// What takes the records of streams through functions, for as long as the server runs. Records that are given up go to
/// the bucket that is their destination; the log of the server and that of the function tell of them, too.
pub(super) fn poller(
    EventSources { mappings, sources, permission, destinations }: EventSources,
    store: &Arc<dyn Store>,
    functions: Functions,
    clock: Arc<dyn Clock>,
    random: Random,
) -> Poller {
    let (owner, teller) = (random.next_u64(), functions.clone());
    Poller {
        sources,
        mappings,
        leases: Leases::of(Arc::clone(store), Arc::clone(&clock), owner),
        permission,
        clock,
        invoke: lambda::event_sources::invoker(functions, random),
        tell: Arc::new(move |given_up| {
            let (functions, destinations) = (teller.clone(), destinations.clone());
            Box::pin(async move {
                let GivenUp { mapping, function_arn, document, .. } = &given_up;
                functions.record_given_up(function_arn, mapping, &document.to_string()).await;
                if let Err(error) = destinations.deliver(&given_up).await {
                    let why = error.message.unwrap_or_default();
                    tracing::warn!(mapping, %why, "records that were given up are in no bucket");
                }
            })
        }),
    }
}

/// Keeps the figures of functions as metrics, while there is CloudWatch, whose alarms call functions.
pub(super) fn measures(cloudwatch: Weak<CloudWatch>, clock: Arc<dyn Clock>) -> Arc<measures::Keep> {
    Arc::new(move |measured| {
        let Some(cloudwatch) = cloudwatch.upgrade() else { return };
        let minute = (clock.now_micros() / MICROS_PER_MINUTE) as u32;
        let unit = Unit::named(measured.unit).unwrap_or_else(Unit::none);
        let datum = |dimensions: Vec<(&'static str, String)>| {
            let dimensions = dimensions.into_iter().map(|(name, value)| (name.to_owned(), value));
            let series = Arc::new(Series::new(measures::NAMESPACE, measured.name, dimensions));
            Datum { series, unit, minute, point: Point::of(measured.value, 1.0) }
        };
        let data: Vec<_> = measured.dimensions.into_iter().map(datum).collect();
        cloudwatch.note(&measured.account.into(), &measured.region.into(), &data);
    })
}
