# encoded_client.pl: calls the service of style rpc and use encoded by SOAP::Lite, without the WSDL.
#
#     perl encoded_client.pl WSDL ENDPOINT 1.1 USER [CASE...]

use strict;
use warnings;
use utf8;
use FindBin;
use SOAP::Lite;
require "$FindBin::Bin/cases.pl";

binmode STDOUT, ':encoding(UTF-8)';
my (undef, $endpoint, undef, undef, @names) = @ARGV;
my $lite = SOAP::Lite->proxy($endpoint)->default_ns('urn:rmix:encoded');
# As the description says: the action is empty.
$lite->on_action(sub { '""' });
$lite->on_fault(sub {
    my (undef, $answer) = @_;
    die ref $answer ? $answer->faultstring : $lite->transport->status, "\n";
});

sub call {
    my ($operation, @arguments) = @_;
    return $lite->call($operation => @arguments)->result;
}

sub sum {
    my @numbers = map { SOAP::Data->type(int => $_) } @_;
    return call(sum => SOAP::Data->name(numbers => \@numbers));
}

sub strings {
    my ($name, @texts) = @_;
    return SOAP::Data->name($name => [map { SOAP::Data->type(string => $_) } @texts]);
}

sub centre {
    my @points = map { {x => $_->[0], y => $_->[1]} } @_;
    my $centre = call(centre => SOAP::Data->name(points => \@points));
    return number($centre->{x}) . ' ' . number($centre->{y});
}

sub same {
    my ($first, $second) = @_;
    my $same = call(same => SOAP::Data->name(first => $first), SOAP::Data->name(second => $second));
    return $same =~ /^(?:true|1)$/ ? 'true' : 'false';
}

sub ring {
    my $first = call(ring => strings(names => @_));
    my @names;
    my $one = $first;
    for (1 .. 3) {
        push @names, $one->{name};
        $one = $one->{friend};
    }
    return '[' . join(',', @names) . '] ' . ($one == $first ? 'closed' : 'open');
}

my $person = {name => 'a'};
my %cases = (
    'sum' => sub { sum(1, 2, 3) },
    'sum-none' => sub { sum() },
    'reverse' => sub { '[' . join(',', @{call(reverse => strings(words => 'a', '<b>', 'ü'))}) . ']' },
    'centre' => sub { centre([1, -5], [2, 1]) },
    'same' => sub { same($person, $person) },
    'same-not' => sub { same({name => 'a'}, {name => 'a'}) },
    'ring' => sub { ring('a', 'b', 'c') },
);
run_cases([qw(sum sum-none reverse centre same same-not ring)], \%cases, @names);
