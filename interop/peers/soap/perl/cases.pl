# Runs cases and prints one line for each, its name first. A case that fails is told on standard
# error, the others go on, and the exit status is 1.

use strict;
use warnings;

sub run_cases {
    my ($order, $cases, @names) = @_;
    my $failed = 0;
    $| = 1;
    for my $name (@names ? @names : @$order) {
        my $answer = eval { $cases->{$name}->() };
        if ($@) {
            print STDERR "$name: $@\n";
            $failed = 1;
        } else {
            print "$name $answer\n";
        }
    }
    exit $failed;
}

# Perl writes infinities and what is not a number in its own words.
sub number {
    my ($value) = @_;
    return 'NaN' if $value != $value;
    return $value > 0 ? 'INF' : '-INF' if abs($value) == 9**9**9;
    return $value == int $value ? sprintf '%d', $value : sprintf '%.17g', $value;
}

1;
