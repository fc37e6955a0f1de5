//! The time limit for heads of a connection's requests, with one timer for all of them. The usual head is here
//! at once, and arming and disarming an alarm of its own would cost it more than its parsing. So the alarm stays
//! armed while requests come and go; when it goes off too early for the head that is waited for, it is set anew.

use hyper::rt::{Sleep, Timer};
use parking_lot::Mutex;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

/// The alarm of one connection, set by the first head that is waited for.
type Alarm = Arc<Mutex<Option<Pin<Box<tokio::time::Sleep>>>>>;

/// The deadlines of one connection.
pub(crate) struct HeadTimer(Alarm);

/// One head's deadline.
struct Deadline {
    at: tokio::time::Instant,
    alarm: Alarm,
}

impl HeadTimer {
    pub(crate) fn new() -> Self {
        HeadTimer(Alarm::default())
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, at: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Deadline { at: at.into(), alarm: Arc::clone(&self.0) })
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into()
    }
}

impl Future for Deadline {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut alarm = self.alarm.lock();
        let alarm = alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(self.at)));
        if alarm.deadline() > self.at {
            alarm.as_mut().reset(self.at);
        }
        loop {
            ready!(alarm.as_mut().poll(context));
            if alarm.deadline() == self.at {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(self.at);
        }
    }
}

impl Sleep for Deadline {}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "it measures real time")]
    async fn took(deadline: Pin<Box<dyn Sleep>>) -> Duration {
        let began = Instant::now();
        deadline.await;
        began.elapsed()
    }

    #[tokio::test]
    async fn each_head_has_its_own_time() {
        let timer = HeadTimer::new();
        let mut here_in_time = timer.sleep(Duration::from_millis(20));
        let armed = std::future::poll_fn(|context| Poll::Ready(here_in_time.as_mut().poll(context)));
        assert!(armed.await.is_pending());
        drop(here_in_time);
        let late = took(timer.sleep(Duration::from_millis(60))).await;
        assert!(late >= Duration::from_millis(60), "the alarm of the first was too early: {late:?}");
        let later = took(timer.sleep(Duration::from_millis(30))).await;
        assert!(later >= Duration::from_millis(30), "and that of the second was over: {later:?}");
        let sooner = (timer.sleep(Duration::from_secs(60)), timer.sleep(Duration::from_millis(10)));
        let far = tokio::time::timeout(Duration::from_millis(10), sooner.0).await;
        assert!(far.is_err() && took(sooner.1).await < Duration::from_secs(30));
    }
}
