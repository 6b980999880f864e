# Time against the number of lines, both in octaves, a line for each method. Run by tools/bench/crossbar/report.
# SPDX-License-Identifier: Apache-2.0
if (picture[strlen(picture) - 3:] eq ".svg") {
  set terminal svg size 900,600 font "sans,14" background "white"
} else {
  set terminal pngcairo size 1350,900 font "sans,20" linewidth 1.5
}
set output picture
set datafile separator ","
set encoding utf8

set title "A crossbar of N x N devices with wires: processor time of one thread" offset 0,-0.5
set xlabel "lines N"
set ylabel "seconds"
set logscale xy
set xrange [28:4000]
set xtics (32, 64, 128, 256, 512, 1024)
set format y "10^{%L}"
set grid back linecolor "#dddddd" linetype 1
set border 3 linecolor "#888888"
set tics nomirror
unset key

colours = "#0b5fa5 #4f9bd9 #3f8f4f #d1731c #a33333 #8a6bb0"
name(k) = substr(names, start[k], stop[k])
array start[6]
array stop[6]
from = 1
do for [k = 1:6] {
  start[k] = from
  bar = strstrt(names[from:], "|")
  stop[k] = bar > 0 ? from + bar - 2 : strlen(names)
  from = stop[k] + 2
}
of(k) = sprintf("< awk -F, '$1 == \"%s\" { print $2 \",\" $3 }' '%s'", name(k), figures)
# Where the labels stand, so that they do not meet: beside the last point, or before it.
side = "left left left left right right"
along = "1.08 1.08 1.08 1.08 0.93 0.93"
lift = "0.8 1.25 1 1 1.5 1.6"
array there[6]
do for [k = 1:6] {
  there[k] = int(system(sprintf("grep -c '^%s,' '%s' || true", name(k), figures)))
  if (there[k] < 2) { continue }
  last = system(sprintf("grep '^%s,' '%s' | tail -1 | awk -F, '{ print $2, $3 }'", name(k), figures))
  x = real(word(last, 1)) * real(word(along, k))
  y = real(word(last, 2)) * real(word(lift, k))
  if (word(side, k) eq "left") {
    set label k name(k) at x, y left textcolor rgb word(colours, k)
  } else {
    set label k name(k) at x, y right textcolor rgb word(colours, k)
  }
}
plot for [k = 1:6] (there[k] < 2 ? "/dev/null" : of(k)) using 1:2 \
     with linespoints pointtype 7 pointsize 0.9 linecolor rgb word(colours, k)
