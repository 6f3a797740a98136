//! What every backend guarantees: one case a guarantee, run on each of them.

mod batches;
mod conditions;
mod items;
mod queries;
mod transactions;

/// Cases that AWS guarantees and the local server does not: on memory alone.
mod memory_alone {
    #[test]
    fn an_index_key_is_not_long() {
        crate::run(super::items::an_index_key_is_not_long(&store::memory::MemoryTables::new()));
    }

    #[test]
    fn a_range_has_no_empty_key() {
        crate::run(super::queries::a_range_has_no_empty_key(&store::memory::MemoryTables::new()));
    }
}

/// Each case on memory and on DynamoDB's adapter.
macro_rules! on_every_backend {
    ($($family:ident: $($case:ident)+;)+) => {
        mod memory {
            $($(
                #[test]
                fn $case() {
                    crate::run(super::$family::$case(&store::memory::MemoryTables::new()));
                }
            )+)+
        }
        mod dynamodb {
            $($(
                #[test]
                fn $case() {
                    let local = crate::local::LocalDynamo::start();
                    crate::run(super::$family::$case(&local.tables()));
                }
            )+)+
        }
    };
}

on_every_backend! {
    items:
        an_item_comes_back_as_it_was_put
        a_number_comes_back_in_its_one_text
        a_number_has_at_most_38_digits
        a_put_replaces_the_whole_item
        deleting_nothing_succeeds
        an_item_has_at_most_400_kilobytes
        a_value_is_nested_at_most_31_levels
        a_key_is_there_and_a_text_and_not_empty_and_not_long
        an_index_key_is_a_text_that_is_not_empty
        every_attribute_has_a_name
        a_check_by_itself_is_no_write;
    conditions:
        absent_holds_once
        equals_holds_only_of_the_very_value
        numbers_are_equal_by_value
        equals_of_nothing_asks_for_existence
        a_failed_condition_writes_nothing;
    transactions:
        all_or_nothing_with_a_reason_for_each_in_order
        a_check_guards_without_writing
        a_check_needs_a_condition
        a_transaction_spans_tables
        one_hundred_writes_go_through_and_one_more_is_refused
        two_writes_on_one_item_are_refused
        more_than_4_megabytes_are_refused
        a_key_that_is_missing_cancels_and_an_empty_one_refuses;
    batches:
        what_is_not_there_is_neither_found_nor_unprocessed
        a_batch_spans_tables_and_businesses
        a_batch_has_1_to_100_keys_each_once
        beyond_16_megabytes_keys_come_back_unprocessed;
    queries:
        a_range_includes_both_ends_in_order_of_bytes
        a_range_stays_in_its_partition_and_table
        a_limit_gives_a_place_to_resume_even_at_the_end
        a_page_stops_at_1_megabyte
        the_local_index_is_sparse_and_ordered
        the_local_index_resumes_among_equals
        a_range_that_makes_no_sense_is_refused
        a_start_outside_of_the_range_is_refused;
}
