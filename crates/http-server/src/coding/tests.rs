use super::coders::INLINE_BYTES_MAX;
use super::*;
use crate::body_budget::BodyBudget;

/// With a budget that is never short.
async fn decoded(coding: Coding, body: impl Into<Bytes>, limit: usize) -> Result<Bytes, Fault> {
    let budget = BodyBudget::new(1 << 30);
    Coders::new().decode(coding, &body.into(), limit, &mut budget.share()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn there_and_back_within_the_limit() {
    for coding in [Coding::Gzip, Coding::Deflate] {
        // Sizes on both sides of a step and of what is done where the request is served.
        for size in [0, 1, 4_095, 4_096, 4_097, 16_384, INLINE_BYTES_MAX, 1 << 20] {
            let body = Bytes::from(vec![b'x'; size]);
            let small = Coders::new().encode(coding, &body).await;
            assert!(small.len() < 32 + size / 100, "{coding:?} {size}");
            assert_eq!(decoded(coding, small.clone(), size).await, Ok(body.clone()), "{coding:?} {size}");
            assert_eq!(decoded(coding, small.clone(), 1 << 21).await, Ok(body), "{coding:?} {size}");
            if size > 0 {
                assert_eq!(decoded(coding, small.clone(), size - 1).await, Err(Fault::TooLarge));
            }
            let cut = small.slice(..small.len() - 4);
            assert_eq!(decoded(coding, cut, 1 << 21).await, Err(Fault::Broken), "{coding:?} {size}");
        }
        assert_eq!(decoded(coding, &b"not in it"[..], 10_000).await, Err(Fault::Broken));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_waits_for_its_share_before_it_grows() {
    let budget = BodyBudget::new(100 * 1024);
    let (mut holds_all, mut beyond, mut waits) = (budget.share(), budget.share(), budget.share());
    holds_all.grow(100 * 1024).await;
    beyond.grow(100 * 1024).await;
    let coders = Coders::new();
    let bomb = coders.encode(Coding::Gzip, &vec![0; 1 << 20].into()).await;
    let decoding = coders.decode(Coding::Gzip, &bomb, 1 << 20, &mut waits);
    assert!(tokio::time::timeout(std::time::Duration::from_millis(20), decoding).await.is_err());
    drop((holds_all, beyond));
    let body = coders.decode(Coding::Gzip, &bomb, 1 << 20, &mut waits).await;
    assert_eq!(body.map(|body| body.len()), Ok(1 << 20));
}

#[test]
fn codings_of_bodies() {
    for (value, expect) in [
        ("gzip", Ok(Some(Coding::Gzip))),
        (" Deflate ", Ok(Some(Coding::Deflate))),
        ("identity", Ok(None)),
        ("amz-1.0", Ok(None)),
        ("", Ok(None)),
        ("garbage", Err(Fault::Broken)),
        ("gzip, gzip", Err(Fault::Broken)),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, value.parse().expect("a header value"));
        assert_eq!(Coding::of_body(&headers), expect, "{value:?}");
    }
    assert_eq!(Coding::of_body(&HeaderMap::new()), Ok(None));
}
