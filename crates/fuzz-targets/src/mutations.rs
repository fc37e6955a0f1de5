//! Damaged copies of samples, the same ones in every run. `STATOR_FUZZ_TIMES=100 cargo test --release -p fuzz-targets`
//! makes so many times as many of them.

/// Hands `count` inputs to `target`: the samples as they are, then damaged in up to four places each.
pub(crate) fn each(samples: &[&[u8]], count: usize, target: impl Fn(&[u8])) {
    samples.iter().for_each(|sample| target(sample));
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let times = std::env::var("STATOR_FUZZ_TIMES").map_or(1, |times| times.parse().expect("a number"));
    for _ in 0..count * times {
        let mut input = samples[dice.below(samples.len())].to_vec();
        for _ in 0..=dice.below(4) {
            damage(&mut input, samples, &mut dice);
        }
        target(&input);
    }
}

/// Overwrites, inserts, removes or doubles something, or continues with a piece of a sample.
fn damage(input: &mut Vec<u8>, samples: &[&[u8]], dice: &mut Dice) {
    let at = dice.below(input.len() + 1);
    let byte = dice.below(256) as u8;
    match dice.below(6) {
        0 if at < input.len() => input[at] = byte,
        1 if at < input.len() => input[at] ^= 1 << (byte % 8),
        2 => input.insert(at, byte),
        3 => input.truncate(at),
        4 => input.extend_from_within(..at),
        _ => {
            let sample = samples[dice.below(samples.len())];
            input.truncate(at);
            input.extend_from_slice(&sample[dice.below(sample.len())..]);
        }
    }
}

/// xorshift64: no quality is needed, only the same sequence everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}
