# Sourced by the upstream suite after its own helpers (run.mjs arranges it). The suite gives up on a whole unit at the
# first exception; here an exception costs one test, or one start_server block when it was raised between tests, and
# is reported as a failure. A block named in the file $UPSTREAM_SKIP_BLOCKS (by a test in it, one name a line) is left
# out whole.

namespace eval shim {
    variable depth 0
    variable last_test "(none)"
    variable blocks {}
    variable encodings {}
    variable stop_marker "shim: the server is gone"
}

if {[info exists ::env(UPSTREAM_SKIP_BLOCKS)]} {
    set shim_file [open $::env(UPSTREAM_SKIP_BLOCKS) r]
    foreach line [split [read $shim_file] "\n"] {
        if {$line ne ""} {lappend ::shim::blocks $line}
    }
    close $shim_file
}

rename test shim::upstream_test
rename start_server shim::upstream_start_server

proc shim::report {title text} {
    incr ::num_failed
    lappend ::tests_failed [list $title $text]
    send_data_packet $::test_server_fd err "$title in $::curfile\n$text"
}

# A server that died fails every later test of its block: say it once and leave the block.
proc shim::server_gone {} {
    if {[llength $::servers] == 0 || $::external} {return 0}
    expr {![is_alive [lindex $::servers end]]}
}

proc test {name code args} {
    set ::shim::last_test $name
    set running $::cur_test
    incr ::shim::depth
    set failed [catch {uplevel 1 [list ::shim::upstream_test $name $code {*}$args]} error]
    incr ::shim::depth -1
    if {!$failed} {return}
    set ::cur_test $running
    ::shim::report $name "\[exception\] $error\n$::errorInfo"
    if {[::shim::server_gone]} {error $::shim::stop_marker}
    catch {reconnect}
}

proc shim::is_skipped {code} {
    foreach name $::shim::blocks {
        set at [string first "test {$name}" $code]
        if {$at < 0} {set at [string first "test \"$name\"" $code]}
        # Of blocks in each other, the innermost is meant.
        if {$at >= 0 && [string first "start_server" [string range $code 0 $at]] < 0} {
            send_data_packet $::test_server_fd skip "block: $name"
            return 1
        }
    }
    return 0
}

proc start_server {options {code undefined}} {
    if {$code eq "undefined"} {return [uplevel 1 [list ::shim::upstream_start_server $options]]}
    set outermost [expr {$::shim::depth == 0 && [llength $::servers] == 0}]
    if {[::shim::is_skipped $code]} {return}
    set tags $::tags
    if {![catch {uplevel 1 [list ::shim::upstream_start_server $options $code]} error]} {return}
    set trace $::errorInfo
    set ::tags $tags
    if {!$outermost} {error $error $trace}
    set ::cur_test ""
    ::shim::report "block of start_server, after test \"$::shim::last_test\"" "\[exception\] $error\n$trace"
}

rename assert_encoding shim::upstream_assert_encoding

set shim_file [open [file join [file dirname [info script]] encodings.txt] r]
foreach line [split [read $shim_file] "\n"] {
    if {$line ne "" && [string index $line 0] ne "#"} {lappend ::shim::encodings $line}
}
close $shim_file

# An encoding of encodings.txt will do for the one that was asked for.
proc assert_encoding {enc key} {
    set found [list [r type $key] $enc [r object encoding $key]]
    if {$found ni $::shim::encodings} {uplevel 1 [list ::shim::upstream_assert_encoding $enc $key]}
}
