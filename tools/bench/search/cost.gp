# log2(time) against the number of devices, a line for each method, its fitted slope in the key. Run by tools/bench/search/plot.
# SPDX-License-Identifier: Apache-2.0
eval "set terminal ".terminal_of
set output picture
set datafile separator ","
set encoding utf8

set title "One closest subset of n devices: processor time, with the slope of its log_2" offset 0,-0.5
set xlabel "devices n"
set ylabel "seconds"
set xrange [7:58]
set xtics 8,4,40
set yrange [-24:4]
set ytics ("0.1 µs" log(1e-7)/log(2), "1 µs" log(1e-6)/log(2), "10 µs" log(1e-5)/log(2), "100 µs" log(1e-4)/log(2), \
           "1 ms" log(1e-3)/log(2), "10 ms" log(1e-2)/log(2), "0.1 s" log(0.1)/log(2), "1 s" 0, "10 s" log(10)/log(2))
unset ylabel
set grid back linecolor "#dddddd" linetype 1
set border 3 linecolor "#888888"
set samples 500
set tics nomirror
unset key

# name in the figures, shown, colour, first n of the fit
names  = "closest_mask closest_sorting closest_numpy closest_gray_code mixed_integer"
shown  = "'this search' 'sorted halves, C++' 'sorted halves, NumPy' 'Gray code, C++' 'mixed integer (CBC)'"
colour = "#0b5fa5 #d1731c #8a6bb0 #3f8f4f #a33333"
first  = "20 20 24 12 8"
lift   = "0 -0.7 0.9 0 0"  # of the labels, so that they do not meet
log2(x) = log(x) / log(2)
of(k) = sprintf("< awk -F, -v OFS=, '$1 == \"%s\" { print $2, $3 }' '%s'", word(names, k), figures)
tail(k) = sprintf("< awk -F, -v OFS=, '$1 == \"%s\" && $2 >= %s { print $2, $3 }' '%s'", \
                  word(names, k), word(first, k), figures)

print "Slope of log2(time), bits per device:"
array slope[5]
array level[5]
array there[5]
array end_x[5]
array end_y[5]
do for [k = 1:5] {
  there[k] = int(system(sprintf("grep -c '^%s,' '%s' || true", word(names, k), figures)))
  slope[k] = 0
  level[k] = 0
  if (there[k] < 2) { continue }
  stats tail(k) using 1:(log2($2)) nooutput
  slope[k] = STATS_slope
  level[k] = STATS_intercept
  stats of(k) using 1:(log2($2)) nooutput
  end_x[k] = STATS_max_x
  end_y[k] = real(system(sprintf("awk -F, '$1 == \"%s\" && $2 == %d { print log($3) / log(2) }' '%s'", \
                                 word(names, k), end_x[k], figures)))
  print sprintf("  %-22s %.2f  (n >= %s)", word(shown, k), slope[k], word(first, k))
  # The solver stops within its tolerances: what its time does says nothing of what it would cost to be right.
  caption = k == 5 ? word(shown, k).": not exact" : sprintf("%s: %.2f n", word(shown, k), slope[k])
  x = end_x[k]
  y = end_y[k]
  if (k <= 3) { set label k caption at x + 0.7, y + real(word(lift, k)) left textcolor rgb word(colour, k) }
  if (k == 4) { set label k caption at x - 1, y + 0.4 right textcolor rgb word(colour, k) }
  if (k == 5) { set label k caption at x, y + 2.3 center textcolor rgb word(colour, k) }
}
# 2^(n/2), below this search's last point
half(x) = x > end_x[1] + 0.5 ? 1 / 0 : end_y[1] + 0.5 * (x - end_x[1]) - 2.2
set label 9 "2^{n/2}" at 31, half(31) - 1.4 textcolor rgb "#777777" left

plot half(x) with lines dashtype 2 linecolor rgb "#777777", \
     for [k = 1:5] (there[k] < 2 ? "/dev/null" : of(k)) using 1:(log2($2)) \
         with linespoints pointtype 7 pointsize 0.9 linecolor rgb word(colour, k)
