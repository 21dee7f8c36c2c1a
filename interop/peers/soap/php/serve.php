<?php
// serve.php: runs PHP's own web server at a free port of 127.0.0.1 with the router given, says READY
// and the port, and ends it when standard input ends.
//
//     php serve.php ROUTER STATE_FOLDER

[, $router, $state] = $argv;
$probe = stream_socket_server('tcp://127.0.0.1:0');
$address = stream_socket_get_name($probe, false);
fclose($probe);
// The web server does not survive this program, however that ends.
$server = proc_open(
    ['setpriv', '--pdeathsig', 'KILL', PHP_BINARY, '-q', '-d', 'soap.wsdl_cache_enabled=0',
        '-d', 'precision=17',
        '-S', $address, $router],
    [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], STDERR],
    $pipes,
    null,
    ['PEER_STATE' => $state] + getenv(),
);
while (!($connection = @stream_socket_client("tcp://$address"))) {
    if (!proc_get_status($server)['running']) {
        fwrite(STDERR, "the web server has ended\n");
        exit(1);
    }
    usleep(10_000);
}
fclose($connection);
echo "READY ", substr(strrchr($address, ":"), 1), "\n";
while (fread(STDIN, 1024) !== '' && !feof(STDIN));
proc_terminate($server, 9);
exit(0);
