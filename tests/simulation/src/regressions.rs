//! Every seed that ever failed, with what was wrong; the tests run them all.
//!
//! A seed tells the same story only while the world throws its dice in the same order: after a
//! change of the world these are ordinary seeds, and the fault's own test is the engine's.

/// Seeds and what they once found.
pub const SEEDS: &[(u64, &str)] = &[
    (9, "a page was applied to rows that another tab had changed since they were read"),
    (16, "a page was applied to rows that another tab had changed since they were read"),
    (32, "a full disk made cycle follow cycle without a pause"),
    (35, "a full disk made cycle follow cycle without a pause"),
    (40, "a full disk made cycle follow cycle without a pause"),
    (51, "what was blocked by a failed operation was said to be on its way"),
    (378, "the checker of digests took restored tables for the feed before they were rebuilt"),
    (526, "what was answered before a restore was taken for done after it"),
    (539, "a tab said that it was offline while another of its phone heard from the server"),
    (405, "a dismissed seller's phone with nothing to send said for ever that it was offline"),
    (497, "a dismissed seller's phone with nothing to send said for ever that it was offline"),
    (
        30_000_149,
        "somebody sold to a customer that a full disk had refused, after the quiet had begun",
    ),
    (739, "a refusal of the old login was held against the one just given"),
    (1989, "what a dismissed seller had sent in his first load waited on his phone for ever"),
    (2757, "what a dismissed seller had sent in his first load waited on his phone for ever"),
    (4696, "what a dismissed seller had sent in his first load waited on his phone for ever"),
    (4285, "the checker of the overlay took a clone's later answer for the first"),
    (101_359, "the checker of the overlay took a tab's later answer for the phone's first"),
    (104_285, "a tab beside one that stored again went on saying that the disk was full"),
    (105_285, "a dismissed seller with nothing left to store was told for ever of a full disk"),
    (4638, "so did a tab of his that never got the lock"),
    (101_132, "so did a tab of his that never got the lock"),
    (104_869, "so did a tab of his that never got the lock"),
    (8820, "the checker held an unsent operation's edit on one phone against that phone's clone"),
    (100_473, "the checker held a retry by hand on a cloned phone against the other one"),
    (205_693, "the checker held a retry by hand on a cloned phone against the other one"),
    (
        207_340,
        "a receipt that a restore had lost: sent again after eight later writes, applied again",
    ),
    (237_664, "a restore brought back the mark of an earlier rebuild, and with it an epoch in use"),
    (226_501, "the checker of the overlay looked while another person's queue was being read"),
    (231_817, "the checker of the overlay looked while another person's queue was being read"),
    (238_882, "the checker of the overlay looked while another person's queue was being read"),
    (5868, "what was set aside for want of a record was applied by a late copy, and stayed failed"),
    (
        220_536,
        "what was set aside for want of a record was applied by a late copy, and stayed failed",
    ),
    (235_781, "what was set aside for want of a record was applied by a clone, and stayed failed"),
    (235_667, "the checker took a clock inherited from the value he had seen for the seller's own"),
    (1_047_513, "the quiet was over before what is blocked ten times was set aside"),
    (
        1_135_221,
        "the checker of the overlay looked at rows that another tab's snapshot had replaced",
    ),
    (
        1_177_161,
        "the checker of the overlay looked at rows that another tab's snapshot had replaced",
    ),
    (1_294_315, "the checker of the overlay waited, after a restore, for the version of before"),
    (1_148_443, "the world restored again before the rebuild of its last restore could end"),
    (1_255_291, "the world restored again before the rebuild of its last restore could end"),
    (1_388_214, "a clone's copy was taken after a restore; the checker held the refusal before it"),
    (
        3_046_148,
        "the checker held a write that was under way against the seller dismissed meanwhile",
    ),
    (3_056_413, "what was stored although a fault was reported was announced to no other tab"),
    (4_000_987, "the world restored an instant of two months before, which no recovery reaches"),
    (4_069_017, "a tab that found its rows wrong, and never got the lock again, said so for ever"),
    (4_132_465, "a delete that was set aside took effect by a clone, and stayed failed"),
    (5_059_416, "the checker of the overlay looked while a queue was being read once more"),
];
