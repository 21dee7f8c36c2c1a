<?php
// Runs cases and prints one line for each, its name first. A case that fails is told on standard
// error, the others go on, and the exit status is 1.

function run_cases(array $cases, array $names): never
{
    $failed = false;
    foreach ($names ?: array_keys($cases) as $name) {
        try {
            $answer = $cases[$name]();
            echo "$name $answer\n";
        } catch (Throwable $error) {
            fwrite(STDERR, "$name: " . get_class($error) . ': ' . $error->getMessage() . "\n");
            $failed = true;
        }
    }
    exit($failed ? 1 : 0);
}

function number(float $value): string
{
    if (is_nan($value)) {
        return 'NaN';
    }
    if (is_infinite($value)) {
        return $value > 0 ? 'INF' : '-INF';
    }
    return $value == floor($value) ? sprintf('%d', $value) : var_export($value, true);
}

function brackets(string $text): string
{
    return '[' . str_replace(["\n", "\r", "\t"], ['\n', '\r', '\t'], $text) . ']';
}

/** SOAP's PHP gives one element alone, and nothing for none. */
function many(mixed $value): array
{
    return $value === null ? [] : (is_array($value) ? $value : [$value]);
}
