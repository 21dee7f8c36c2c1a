# encoded_server.pl: the service of style rpc and use encoded by SOAP::Lite, at a free port of
# 127.0.0.1. Says READY and the port; ends when standard input ends.

use strict;
use warnings;
use SOAP::Transport::HTTP;

package Encoded;

sub sum {
    my ($class, $numbers) = @_;
    my $sum = 0;
    $sum += $_ for @{$numbers || []};
    return SOAP::Data->name(return => $sum)->type('int');
}

sub reverse {
    my ($class, $words) = @_;
    my @reversed = map { SOAP::Data->type(string => $_) } CORE::reverse @$words;
    return SOAP::Data->name(return => \@reversed);
}

sub centre {
    my ($class, $points) = @_;
    my %centre = (x => 0, y => 0);
    for my $point (@$points) {
        $centre{$_} += $point->{$_} / @$points for qw(x y);
    }
    my @axes = map { SOAP::Data->name($_ => $centre{$_})->type('double') } qw(x y);
    return SOAP::Data->name(return => \SOAP::Data->value(@axes));
}

sub same {
    my ($class, $first, $second) = @_;
    return SOAP::Data->name(return => $first == $second ? 'true' : 'false')->type('boolean');
}

# Each one's friend is the next, the last one's the first.
sub ring {
    my ($class, $names) = @_;
    my @persons = map { {name => SOAP::Data->type(string => $_)} } @$names;
    $persons[$_]{friend} = $persons[($_ + 1) % @persons] for 0 .. $#persons;
    return SOAP::Data->name(return => $persons[0]);
}

package main;

my $daemon = SOAP::Transport::HTTP::Daemon->new(LocalAddr => '127.0.0.1', LocalPort => 0);
$daemon->dispatch_with({'urn:rmix:encoded' => 'Encoded'});
my ($port) = $daemon->url =~ m{:(\d+)/?$};

# A child waits for the end of the input, and ends its parent, if that is still there.
my $parent = $$;
my $child = fork // die "cannot fork: $!";
if ($child == 0) {
    1 while sysread STDIN, my $bytes, 1024;
    kill TERM => $parent if getppid == $parent;
    exit 0;
}
$SIG{TERM} = sub { exit 0 };
$| = 1;
print "READY $port\n";
$daemon->handle;
exit 1;
